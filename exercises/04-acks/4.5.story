# Sent once, stored twice
# needs: cluster, acks

# Followers ask when the story says so.
(cluster brokers=3 fetch=by-hand replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s

# The leader writes the record and waits for the followers. They do not ask. When the time is over, it says that it does not
# know. The producer sends the record again, and the leader writes it again.
send orders "paid 10" producer=p
wait 800ms
deliveries p
show

# The followers were only slow. They copy all there is, and now both copies are committed.
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
wait 200ms
deliveries p
show
consume orders
