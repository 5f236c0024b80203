# Producers that are not known begin at number 0
# KIP-890: whoever can begin anew by himself is refused when nobody knows what came before.
# needs: cluster, acks, idempotence
remember for=5s unknown=from-zero
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
append orders "paid 10" id=7 sequence=0
append orders "paid 7" id=7 sequence=1
wait 8s
producers orders-0

# Number 2 would be the next, if anybody knew. Whether something before it is missing, nobody can say.
!append orders "paid 5" id=7 sequence=2

# In a new epoch, the producer begins anew, and nothing old can come behind it.
append orders "paid 5" id=7 epoch=1 sequence=0
!append orders "paid 7" id=7 epoch=0 sequence=1
consume orders
