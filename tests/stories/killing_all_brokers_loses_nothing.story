# Killing all brokers loses nothing
# The first of three statements about flushing. No broker of this cluster ever flushes a record by itself.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" "paid 7" acks=all

# All three processes are killed, as with kill -9, in the same moment. What they had written is in the memory of their operating
# systems, which live.
kill broker=1
kill broker=2
kill broker=3
wait 2s
start broker=1
start broker=2
start broker=3
wait 1s
controller
consume orders
