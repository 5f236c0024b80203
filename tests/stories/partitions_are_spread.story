# Partitions are spread over the brokers
# needs: cluster
(cluster brokers=3)

# Each broker leads as many as the others, and follows as many. So when one dies, the others share its work.
(topic orders partitions=6 replicas=2)
controller

kill broker=3
wait 2s
controller
