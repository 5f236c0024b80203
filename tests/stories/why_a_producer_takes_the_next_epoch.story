# Why a producer takes the next epoch
# A record is on its way for so long that its producer gives it up. What is the number of the next one?
# needs: cluster, acks, idempotence
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
append orders "paid 10" id=7 sequence=0

# Sequence number 1 was given up, so it seems to be free. But the record that had it was only late, and arrives first. Then the new one
# is taken for a retry of it. It is acknowledged, and it is nowhere.
append orders "paid 7" id=7 sequence=1
append orders "paid 5" id=7 sequence=1
consume orders

# With the next epoch, there is no such doubt. Another producer does the same, and takes epoch 1.
append orders "paid 20" id=8 epoch=0 sequence=0
append orders "paid 50" id=8 epoch=1 sequence=0

# The late record is of an epoch that is over, whichever number it has.
!append orders "paid 70" id=8 epoch=0 sequence=1
consume orders
producers orders-0
