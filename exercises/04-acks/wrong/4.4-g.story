# An acknowledged record is lost
# needs: cluster, acks

# why: no record was acknowledged: who was told nothing has lost nothing
# shows: a producer is told that its record is stored
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
isolate broker=1
ask orders "paid 7" acks=1 to=2
wait 2s
heal
wait 1s
consume orders
