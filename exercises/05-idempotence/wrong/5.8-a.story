# Numbered, and stored twice
# needs: cluster, acks, idempotence

# why: the producer of chapter 4: it numbers nothing
# shows: every producer has enable.idempotence=true
remember for=60s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p acks=all request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 15s
heal
wait 3s
deliveries p
consume orders
