# Sent once, stored twice
# needs: cluster, acks

# why: it is sent again many times, as too few are in sync: but what is refused before it is written is not written
# shows: below its high watermark the same record lies at two offsets
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
kill broker=2
kill broker=3
wait 2s
send orders "paid 10" producer=p
wait 1s
start broker=2
wait 2s
deliveries p
consume orders
