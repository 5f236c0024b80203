# The last one in sync loses its memory, and is elected again
# The trap between the statements. One machine loses power, once, and two must be in sync.
# needs: cluster, acks
(cluster brokers=3 eligible.leader.replicas.enable=false)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)

# A record is acknowledged. All three have it.
produce orders "paid 10" acks=all
wait 200ms
show

# Brokers 2 and 3 are cut off from the leader. It goes on, and they leave those in sync. The leader alone is left.
cut from="broker 2" to="broker 1"
cut from="broker 3" to="broker 1"
produce orders "paid 7" acks=1
wait 4s
controller

# The leader's machine loses power, and its memory: nothing was flushed. When it is back, it is the only one that may lead.
power broker=1
start broker=1
heal
wait 3s
controller

# It leads, with an empty log. The other two had the record, and cut it off.
show
consume orders
