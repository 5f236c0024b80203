# A broker that starts does not live its past again
# It reads all that was ever decided, from the first decision on. Most of that is over.
# needs: cluster
(cluster brokers=3 fetch=by-hand)

# A topic is made, deleted, and made again.
topic orders partitions=1 replicas=3
delete orders
topic orders partitions=1 replicas=3
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=3)
show

# Broker 3 stops and starts. On its way to the present it reads that there was another topic of this name, and that it was deleted. Its
# folder is not of that topic, and stays. It has asked nobody for anything yet.
stop broker=3
start broker=3
show
