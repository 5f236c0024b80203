# Sent once, stored twice
# needs: cluster, acks

# why: the producer gives up before the followers have asked: the record is there twice, and it was told that it failed
# shows: its producer was told, once, that it is stored
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=900ms
send orders "paid 10" producer=p
wait 2s
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
wait 200ms
deliveries p
consume orders
