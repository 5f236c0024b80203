# Numbered, and stored twice
# needs: cluster, acks, idempotence

# why: the producer was not asked what has become of the record
# shows: its producer was told, once, that it is stored
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 15s
heal
wait 3s
consume orders
