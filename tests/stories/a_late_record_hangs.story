# A late record opens a transaction that nobody ends
# Before KIP-890, a partition took the first record of a transaction without a question.
# needs: cluster, acks, idempotence, transactions
rules verification=off epochs=of-init check=1s
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
init pay-1 timeout=5s
add pay-1 orders-0

# Its first record is on its way for long. Its producer gives up, and aborts. There is nothing in the partition to abort.
abort pay-1
wait 200ms
transaction pay-1
transactions orders-0

# The record arrives. The epoch is the same, so it is taken. It opens a transaction, and its coordinator knows of none.
write pay-1 orders "late"
transactions orders-0
transaction pay-1

# Whatever comes behind it is held back. No time limit ends it: the coordinator has nothing to end.
produce orders "of none"
wait 20s
transactions orders-0
read orders
