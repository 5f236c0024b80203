# Sent once, stored twice
# needs: cluster, acks

# why: the answer is held back on its way: a slow network is the network, too
# shows: no cable is cut, and nothing is held back
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
(wait 200ms)
hold client "broker 1"
send orders "paid 10" producer=p
wait 800ms
release client "broker 1"
wait 2s
deliveries p
consume orders
