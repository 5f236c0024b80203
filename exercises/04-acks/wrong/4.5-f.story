# Sent once, stored twice
# needs: cluster, acks

# why: both copies are in the leader's log, and the followers have asked only once: none is committed, and consumers see nothing
# shows: below its high watermark the same record lies at two offsets
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
send orders "paid 10" producer=p
wait 800ms
(fetch broker=2)
(fetch broker=3)
show
deliveries p
consume orders
