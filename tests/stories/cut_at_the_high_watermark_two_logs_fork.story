# Cut at the high watermark, two logs fork
# The other scenario of KIP-101. Two replicas with the same high watermark are taken for equal, whatever they hold below it.
# needs: cluster

# A record is on both brokers, and committed.
(cluster brokers=2 fetch=by-hand truncation=to-high-watermark restart=keeps-place)
(topic orders partitions=1 replicas=2)
(produce orders "paid 10")
(fetch broker=2)
fetch broker=2
show

# Both die at once: broker 1's process, and broker 2's machine. Broker 2 had not flushed the record, since another machine has
# it too. Broker 2 is back first, with nothing in its log.
kill broker=1
power broker=2
start broker=2
wait 2s
controller

# It leads, and takes a record. That gets the offset that the lost one had.
produce orders "paid 99"
show

# Broker 1 comes back. Its log ends at 1, its high watermark is 1, and so is the new leader's. There is nothing to cut. It asks for
# what comes next, and there is nothing.
start broker=1
fetch broker=1
show

# One offset, two records, both committed. Which one a consumer gets depends on who leads when it asks.
consume orders
elect orders-0 preferred
consume orders
