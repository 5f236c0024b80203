# A broker that has lost its memory does not lead
# The same two deaths. But the controller notices that broker 2 is not the process that it was, and that it did not stop in
# order. So broker 2 may lack anything, and it is not in sync any more.
# needs: cluster

# A record is on both brokers, and committed.
(cluster brokers=2 fetch=by-hand)
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

# Nobody leads. Only broker 1 is sure to have what was committed, and it is not there. Producers wait.
!produce orders "paid 99"

# Broker 1 comes back with all that it had.
start broker=1
controller
consume orders

# Broker 2 copies it.
fetch broker=2
fetch broker=2
show
