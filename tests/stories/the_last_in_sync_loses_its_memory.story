# The last one in sync loses its memory, and is elected again
# The trap between the statements. One machine loses power, and that is one too many.
# needs: cluster, acks
(cluster brokers=3 eligible.leader.replicas.enable=false)
(topic orders partitions=1 replicas=3 min.insync.replicas=1)

# Brokers 2 and 3 are cut off from the leader for a while, and leave those in sync. The leader alone is left.
cut from="broker 2" to="broker 1"
cut from="broker 3" to="broker 1"
wait 3s
controller

# A record comes. All that are in sync have it: one. It is acknowledged.
produce orders "paid 10" acks=all

# The leader's machine loses power, and the record with it. When it is back, it is the only one that may lead, and leads.
power broker=1
start broker=1
heal
wait 3s
controller
consume orders
