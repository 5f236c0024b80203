# Sent again: at least once
# The same accidents. This producer tries again until it has an answer.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms delivery.timeout.ms=20s
send orders "paid 10" producer=p
wait 100ms
deliveries p

# The answer is lost. The cable is mended before the record is sent again.
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 400ms
heal
wait 2s
deliveries p

# The record itself is lost, and is sent again.
cut from=client to="broker 1"
send orders "paid 5" producer=p
wait 400ms
heal
wait 2s
deliveries p

# Nothing is missing. And the customer has paid 7 twice.
consume orders
