# A topic is deleted, and its name comes back
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10" "paid 7")
(wait 200ms)

# Broker 3 is away while the topic is deleted, and another is made under the same name.
stop broker=3
delete orders
topic orders partitions=1 replicas=2
produce orders "sold 3"

# Broker 3 comes back with a folder of that name. It is of another topic, as the topic's id says, and it goes.
start broker=3
wait 200ms
show
consume orders
