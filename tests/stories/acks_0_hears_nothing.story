# With acks=0 the producer hears nothing
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)

# The record is sent. Its offset is not known, and is told as -1.
produce orders "paid 10" acks=0 to=1
wait 200ms
consume orders

# Sent to a broker that does not lead, it goes nowhere. The producer is told the same.
produce orders "paid 7" acks=0 to=2
wait 200ms
consume orders
