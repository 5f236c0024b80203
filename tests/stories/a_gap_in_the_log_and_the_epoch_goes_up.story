# The log loses a record, and the producer goes on in a new epoch
# An unclean election takes records that were acknowledged. The next number does not follow what is left (KIP-360).
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
(wait 200ms)

# Broker 1 is alone in sync. It acknowledges number 1.
kill broker=2
kill broker=3
wait 2s
send orders "paid 7" producer=p
wait 200ms
deliveries p

# It dies, and somebody has broker 2 lead, which has number 0 alone.
kill broker=1
wait 2s
start broker=2
elect orders-0 unclean
producers orders-0

# Number 2 is not the next one there. The producer cannot bring number 1 back, which was acknowledged, and it cannot go on with number
# 2. It takes the next epoch, in which this record has number 0.
send orders "paid 5" producer=p
wait 2s
deliveries p
producers orders-0
consume orders
