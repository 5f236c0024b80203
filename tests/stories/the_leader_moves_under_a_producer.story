# The leader moves, and the producer notices nothing
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms delivery.timeout.ms=30s
send orders "paid 10" producer=p
wait 100ms
deliveries p

# The leader dies. For a second nobody leads. The record waits in the producer.
kill broker=1
send orders "paid 7" producer=p
wait 300ms
deliveries p
wait 3s
deliveries p
consume orders
