# Sent once, stored twice
# needs: cluster, acks

# why: with acks=1 the leader does not wait, and its answer comes at once
# shows: below its high watermark the same record lies at two offsets
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=1 request.timeout.ms=500ms delivery.timeout.ms=30s
send orders "paid 10" producer=p
wait 800ms
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
wait 200ms
deliveries p
consume orders
