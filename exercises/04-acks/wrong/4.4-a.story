# An acknowledged record is lost
# needs: cluster, acks

# why: the chapter's story: the only disk that has the record burns
# shows: no disk forgets anything, and no topic is deleted
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
isolate broker=1
produce orders "paid 7" acks=1 to=1
wipe broker=1
heal
wait 2s
consume orders
