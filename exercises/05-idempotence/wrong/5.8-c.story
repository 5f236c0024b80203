# Numbered, and stored twice
# needs: cluster, acks, idempotence

# why: a batch is made by hand
# shows: nobody brings batches by hand
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 1s
heal
wait 3s
deliveries p
append orders "paid 7" id=99 sequence=0
consume orders
