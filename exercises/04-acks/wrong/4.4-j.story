# An acknowledged record is lost
# needs: cluster, acks

# why: the topic is deleted, and another one has its name
# shows: no disk forgets anything, and no topic is deleted
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
delete orders
wait 1s
(topic orders partitions=1 replicas=3)
consume orders
