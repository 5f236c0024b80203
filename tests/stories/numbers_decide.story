# Numbers decide what is written
# Batches by hand: a producer's id, its epoch, and the number of the first record.
# needs: cluster, acks, idempotence
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
producer-id
producer-id

# The next number is written.
append orders "paid 10" "paid 7" id=0 epoch=0 sequence=0
append orders "paid 5" id=0 epoch=0 sequence=2

# A batch that is there is not written again. It has the place that it has.
append orders "paid 10" "paid 7" id=0 epoch=0 sequence=0
append orders "paid 5" id=0 epoch=0 sequence=2

# A gap: number 3 is missing.
!append orders "paid 1" id=0 epoch=0 sequence=4

# Another cut of the same numbers is no retry: a producer sends a batch again as it was.
!append orders "paid 7" "paid 5" id=0 epoch=0 sequence=1

# A new epoch begins at 0. Whatever comes late from the old one is refused.
!append orders "paid 3" id=0 epoch=1 sequence=3
append orders "paid 3" id=0 epoch=1 sequence=0
!append orders "paid 2" id=0 epoch=0 sequence=3

# Another producer has numbers of its own.
append orders "paid 4" id=1 epoch=0 sequence=0
producers orders-0
consume orders
