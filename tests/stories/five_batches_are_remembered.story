# Five batches are remembered
# A producer has at most five requests under way. So a retry is one of the last five batches, or it is none.
# needs: cluster, acks, idempotence
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
append orders "a" id=7 sequence=0
append orders "b" id=7 sequence=1
append orders "c" id=7 sequence=2
append orders "d" id=7 sequence=3
append orders "e" id=7 sequence=4
append orders "f" id=7 sequence=5
producers orders-0

# The oldest that is remembered is number 1.
append orders "b" id=7 sequence=1

# Number 0 is not known any more. It is not written a second time, as it is not the next number, and nobody can say where it is.
!append orders "a" id=7 sequence=0
consume orders
