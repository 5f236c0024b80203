# Sent once, stored twice
# needs: cluster, acks

# why: the producer was not asked what has become of the record: nobody was told anything
# shows: its producer was told, once, that it is stored
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
send orders "paid 10" producer=p
wait 800ms
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
wait 200ms
consume orders
