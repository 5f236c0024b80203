# The last one in sync loses its memory, and others lead
# The same steps, with the answer of KIP-966. Nothing is committed while fewer than min.insync.replicas are in sync. So those that
# left at that point still have all that is committed: they are eligible. And a broker that did not stop in order is not believed
# to have anything.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)

# A record is acknowledged. All three have it.
produce orders "paid 10" acks=all
wait 200ms

# Brokers 2 and 3 are cut off from the leader. It goes on, and they leave those in sync. The leader alone is left.
cut from="broker 2" to="broker 1"
cut from="broker 3" to="broker 1"
produce orders "paid 7" acks=1
wait 4s
controller

# The leader takes no record for which two must be in sync. What it has taken for which nobody must is not committed.
!produce orders "paid 5" acks=all
consume orders

# The leader's machine loses power, and its memory. It may lead no more when it is back. One of those that are eligible leads.
power broker=1
start broker=1
heal
wait 3s
controller

# "Paid 7" is gone: with acks=1 no more was promised. "Paid 10" is there.
show
consume orders
