# A transaction that nobody ends
# needs: cluster, acks, idempotence, transactions

# why: a disk is wiped: then nothing hangs but what was on it, and it is not allowed
# shows: no disk forgets anything, and no topic is deleted
# No partition asks a coordinator. What it knows of epochs it forgets with the producer, after ten seconds.
rules verification=off epochs=of-transaction check=1s
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)

# The first record of a transaction is on its way for long. Its producer gives up, and aborts.
init pay-1 timeout=5s
add pay-1 orders-0
abort pay-1
wait 200ms
producers orders-0

# The marker has brought epoch 1. But that is forgotten by and by.
wait 15s
producers orders-0

# The record arrives. Nothing is known of its producer, so it is taken. It opens a transaction.
write pay-1 orders "late" epoch=0
transactions orders-0
transaction pay-1

# Somebody else writes, and is not read.
produce orders "of none"
wait 10s
read orders
kill broker=1
wipe broker=1
start broker=1
wait 2s
