# The controller dies, and for a while nobody misses it
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
kill controller

# Brokers know who leads. Records go in and out, and are committed.
produce orders "paid 10"
wait 200ms
consume orders

# But nobody decides any more. A leader dies, and nobody is elected in its place.
kill broker=1
wait 3s
!produce orders "paid 7"

# The controller starts again. It replays its log, and knows all that it knew. Then it hears of brokers 2 and 3, and not of
# broker 1.
start controller
wait 2s
controller
produce orders "paid 7"
wait 200ms
consume orders
