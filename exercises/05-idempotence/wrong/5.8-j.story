# Numbered, and stored twice
# needs: cluster, acks, idempotence

# why: the disk is wiped: then nothing is there twice, and it is not allowed
# shows: no disk forgets anything, and no topic is deleted
remember for=10s
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=60s
send orders "paid 10" producer=p
wait 200ms
deliveries p
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 2s
kill broker=1
wipe broker=1
start broker=1
wait 2s
heal
wait 3s
deliveries p
