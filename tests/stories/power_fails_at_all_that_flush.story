# Power fails at all brokers at once, and they had flushed
# needs: cluster, acks
(cluster brokers=3 flush=every-append)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=all

power broker=1
power broker=2
power broker=3
wait 2s
start broker=1
start broker=2
start broker=3
wait 1s
consume orders
