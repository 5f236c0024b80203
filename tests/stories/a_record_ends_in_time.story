# A record ends in time, whatever happens
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms delivery.timeout.ms=5s
send orders "paid 10" producer=p
wait 100ms
deliveries p

# All brokers are gone. The producer tries again and again, and gives up when delivery.timeout.ms is over.
kill broker=1
kill broker=2
kill broker=3
send orders "paid 7" producer=p
wait 4s
deliveries p
wait 2s
deliveries p
