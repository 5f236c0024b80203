# Power fails at fewer than min.insync.replicas of those in sync
# The second statement. Two machines must have a record before it is acknowledged. So one of them may lose all that it has not
# flushed.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" "paid 7" acks=all

# The leader's machine loses power. It had flushed nothing.
power broker=1
wait 2s
consume orders

# It comes back with an empty log, and copies what the others kept for it.
start broker=1
wait 1s
show
controller
