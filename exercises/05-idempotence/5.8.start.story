# Numbered, and stored twice
# needs: cluster, acks, idempotence

# The broker forgets producers that were not heard of for so long. It looks each second.
remember for=60s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p

# The answer to a record is lost. It is sent again, and is known.
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 5s
producers orders-0
heal
wait 3s
deliveries p
consume orders
