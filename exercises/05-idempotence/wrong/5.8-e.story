# Numbered, and stored twice
# needs: cluster, acks, idempotence

# why: the answers come back before the producer is forgotten
# shows: below its high watermark the same record lies at two offsets
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 5s
heal
wait 3s
deliveries p
consume orders
