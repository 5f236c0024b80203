# A broker that starts does not live its past again
# It reads all that was ever decided, from the first decision on. Most of that is over.
# needs: cluster

# Decisions come one by one, as they may. So who starts passes through every state that the cluster ever had.
(cluster brokers=3 decisions=one-by-one)

# A topic is made, deleted, and made again.
topic orders partitions=1 replicas=3
delete orders
topic orders partitions=1 replicas=3
produce orders "paid 10"
wait 200ms

# Broker 3 stops and starts. It reaches the controller, and no other broker. On its way to the present it reads that there was
# another topic of this name, and that it was deleted. Its folder is not of that one, and stays.
stop broker=3
cut from="broker 3" to="broker 1"
cut from="broker 3" to="broker 2"
start broker=3
wait 500ms
show
