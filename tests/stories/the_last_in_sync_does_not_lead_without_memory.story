# The last one in sync loses its memory, and others lead
# The answer is KIP-966. Nothing is committed while fewer than min.insync.replicas are in sync. So those that left at that point
# still have all that is committed: they are eligible. And a broker that did not stop in order is not believed to have anything.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)

# Brokers 2 and 3 are cut off from the leader for a while, and leave those in sync. The leader alone is left.
cut from="broker 2" to="broker 1"
cut from="broker 3" to="broker 1"
wait 3s
controller

# The leader takes no record for which two must be in sync.
!produce orders "paid 10" acks=all

# It takes one for which nobody must, and that one is not committed.
produce orders "paid 7" acks=1
consume orders

# The leader's machine loses power. It may lead no more when it is back. One of those that are eligible leads. No record is lost that
# was committed.
power broker=1
start broker=1
heal
wait 3s
controller
show
