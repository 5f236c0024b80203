# Sent once, stored twice
# needs: cluster, acks

# why: the record was handed over twice: that there are two is right
# shows: each record is handed to a producer once
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
send orders "paid 10" producer=p
send orders "paid 10" producer=p
wait 200ms
deliveries p
consume orders
