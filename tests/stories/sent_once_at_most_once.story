# Sent once: at most once
# A producer that never tries again.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all retries=0 request.timeout.ms=500ms delivery.timeout.ms=2s
send orders "paid 10" producer=p
wait 100ms
deliveries p

# The cable from the leader to the producer breaks, in this one direction. The record arrives. The answer does not.
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 1s
deliveries p

# Mended. All is well for a moment.
heal
send orders "paid 3" producer=p
wait 100ms
deliveries p

# Now the cable breaks in the other direction. The record does not arrive.
cut from=client to="broker 1"
send orders "paid 5" producer=p
wait 1s
deliveries p
heal

# The producer was told the same both times. One of the two records is there.
consume orders
