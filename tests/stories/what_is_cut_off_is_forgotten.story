# What is cut off is forgotten
# A leader that lost its place knows batches that nobody else has. It must not take them for written.
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
append orders "paid 10" id=7 sequence=0
(wait 200ms)

# A batch that is on broker 1 alone.
isolate broker=1
!append orders "paid 7" id=7 sequence=1 timeout=300ms to=1
producers orders-0

# Broker 2 leads, and takes a batch of somebody else. Then the producer sends its own again. To broker 2 it is new.
wait 2s
append orders "paid 3" id=9 sequence=0 to=2
append orders "paid 7" id=7 sequence=1 to=2

# Broker 1 comes back. It cuts off what it had alone, and its knowledge with it, and learns the rest from what it copies.
heal
wait 2s
show
producers orders-0

# It leads again. A late copy of the batch comes. It has one place, and that is the new one.
elect orders-0 preferred
append orders "paid 7" id=7 sequence=1 to=1
consume orders
