# A disk is lost
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10" "paid 7")
(wait 200ms)

# Broker 3's machine burns down, and gets a new disk.
wipe broker=3
start broker=3
wait 500ms

# It has copied everything, and is in sync.
show
controller
