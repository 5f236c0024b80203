# Numbered, and stored twice
# needs: cluster, acks, idempotence

# why: nobody looks whether a producer is silent: by default it is looked at every five minutes
# shows: below its high watermark the same record lies at two offsets
remember for=10s
(cluster brokers=1)
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
deliveries p
consume orders
