# An acknowledged record is lost
# needs: cluster, acks

# why: all are dead: nobody leads, and whoever comes back may have the record
# shows: at the end the partition has a leader, which runs
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
kill broker=2
kill broker=3
kill broker=1
wait 2s
show
