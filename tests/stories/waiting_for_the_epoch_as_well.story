# A wait for the high watermark and the epoch does not
# The same steps, and another leader epoch ends the wait as well. The answer is that nobody knows.
# needs: cluster, acks
wait-policy high-watermark-and-epoch
(cluster brokers=3 replica.lag.time.max.ms=60s)
(topic orders partitions=1 replicas=3)
produce orders "paid 10" acks=all

# Broker 1 leads. Its cables are cut. A producer on its side sends a record and waits.
isolate broker=1
ask orders "paid 99" acks=all timeout=30s to=1
wait 2s

# The others have a new leader by now, and go on. Their record gets the same offset.
produce orders "paid 5" acks=all to=2
controller

# The cables are mended before the time of the waiting producer is over. Broker 1 hears that it does not lead, cuts its log, copies the
# new leader's, and learns the high watermark. That is beyond the offset that the producer waits for.
heal
wait 1s
answers
consume orders
