# Numbered, and stored twice
# needs: cluster, acks, idempotence

# The broker forgets producers that were not heard of for ten seconds. It looks each second.
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p

# No answer gets through for longer than that. The record is written, and known again each time that it comes. But a retry that is
# recognised is nothing that the log learns: ten seconds after it was written, its producer is forgotten.
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 5s
producers orders-0
wait 10s
producers orders-0

# The answers get through again. The next copy of the record was the first of an unknown producer.
heal
wait 3s
deliveries p
consume orders
