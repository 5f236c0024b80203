# Cut where the logs part, no log forks
# The same steps, with the rule since KIP-101.
# needs: cluster

# A record is on both brokers, and committed.
(cluster brokers=2 fetch=by-hand truncation=by-leader-epoch restart=keeps-place)
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

# It leads, and takes a record. That gets the offset that the lost one had, and a new epoch.
produce orders "paid 99"
show

# Broker 1 comes back, and says that its last record is of epoch 0. The leader has nothing of epoch 0. So broker 1 cuts its log to
# nothing, and copies.
start broker=1
fetch broker=1
fetch broker=1
show

# The two logs are the same. But the first record, which was committed, is gone: who leads had lost it. No rule for followers can
# bring it back. The mistake was to let a broker lead that had lost its memory.
consume orders
