# With too few replicas in sync nothing is committed
# needs: cluster
(cluster brokers=3)
topic orders partitions=1 replicas=3 min.insync.replicas=2

# All is well: a record is copied and committed.
produce orders "paid 10"
wait 200ms
consume orders

# Two machines go. The leader alone is in sync. It still takes records, from producers that do not ask for more (stage 04 has
# those that do).
kill broker=2
kill broker=3
wait 2s
produce orders "paid 7"
controller
show

# But it calls nothing committed that is on one machine only. So nobody reads what may be gone tomorrow.
consume orders

# A second machine is back, and has caught up. Now two have it.
start broker=2
wait 500ms
consume orders
controller
