# Partitions are spread over the brokers
# needs: cluster
(cluster brokers=3)

# Each broker leads one and follows one. So when one dies, another takes over what it led.
(topic orders partitions=3 replicas=2)
controller

kill broker=3
wait 2s
controller
