# An acknowledged record is lost
# needs: cluster, acks

# Three brokers, and two of them must be in sync. All three are.
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
show

# Go on here.
