# A transaction that nobody ends
# needs: cluster, acks, idempotence, transactions

# Time limits are looked at each second, and a producer that is silent is forgotten after a minute.
rules verification=before-first-write epochs=of-transaction check=1s
remember for=60s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)

# The first record of a transaction is on its way for long. Its producer gives up, and aborts.
init pay-1 timeout=5s
add pay-1 orders-0
abort pay-1
wait 200ms

# The record arrives. It is of epoch 0, and is not let in.
!write pay-1 orders "late" epoch=0
transactions orders-0
transaction pay-1

# Somebody else writes, and is read.
produce orders "of none"
wait 10s
transactions orders-0
read orders
