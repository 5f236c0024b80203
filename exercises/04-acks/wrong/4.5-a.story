# Sent once, stored twice
# needs: cluster, acks

# why: the chapter's story: a cable breaks, and an answer is lost
# shows: no cable is cut, and nothing is held back
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all request.timeout.ms=500ms retry.backoff.ms=100ms delivery.timeout.ms=30s
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 400ms
heal
wait 2s
deliveries p
consume orders
