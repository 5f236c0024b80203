# An acknowledged record is lost
# needs: cluster, acks

# why: the followers are quicker: when the leader dies, they have the record
# shows: at the end nobody has it who leads, is in sync, or is eligible to lead
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
produce orders "paid 7" acks=1
wait 200ms
kill broker=1
wait 2s
consume orders
