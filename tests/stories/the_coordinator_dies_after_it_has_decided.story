# The coordinator dies after it has decided
# The decision is a record. Who carries it out does not matter.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
init pay-1
add pay-1 orders-0
write pay-1 orders "paid 10"
coordinator pay-1

# It cannot reach the leader of the partition, so no marker gets through. The producer is told that it is committed all the same.
cut from="broker 2" to="broker 1"
commit pay-1
transaction pay-1
read orders

# It dies. The next coordinator finds what was decided, and carries it out.
kill broker=2
heal
wait 3s
coordinator pay-1
transaction pay-1
read orders
show orders-0
