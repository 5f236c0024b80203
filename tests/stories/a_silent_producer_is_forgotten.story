# A producer that is silent for too long is forgotten
# Each start of a program is another producer. They cannot be remembered for ever.
# needs: cluster, acks, idempotence
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
append orders "paid 10" id=7 sequence=0
append orders "paid 4" id=8 sequence=0
wait 6s
append orders "paid 7" id=7 sequence=1

# Producer 8 was silent for ten seconds.
wait 6s
producers orders-0

# What comes from it now is taken, whatever its number. And so a retry that is so late is written twice.
append orders "paid 4" id=8 sequence=0
append orders "paid 9" id=8 sequence=1
consume orders
