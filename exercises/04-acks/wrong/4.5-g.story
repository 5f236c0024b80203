# Sent once, stored twice
# needs: cluster, acks

# why: the leader dies before anybody has copied the record: its copy goes with it, and only the second one is left
# shows: below its high watermark the same record lies at two offsets
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
send orders "paid 10" producer=p
wait 100ms
kill broker=1
wait 3s
(fetch broker=3)
(fetch broker=3)
wait 1s
deliveries p
consume orders
