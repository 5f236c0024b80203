# Power fails at all brokers at once
# The third statement: that is safe only if each broker flushes before it answers.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=all

# The data center loses power. No broker had flushed.
power broker=1
power broker=2
power broker=3
wait 2s
start broker=1
start broker=2
start broker=3
wait 1s
consume orders
