# Sent once, stored twice
# needs: cluster, acks

# Followers ask when the story says so.
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s

# The leader writes the record and waits for the followers. They copy it, and ask once more: now it is committed.
send orders "paid 10" producer=p
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
(wait 100ms)
deliveries p
show
consume orders
