# A leader dies, and nobody misses a record
# needs: cluster
(cluster brokers=3)
topic orders partitions=1 replicas=3

# Two records, and time for the followers to copy them.
produce orders "paid 10" "paid 7"
wait 200ms
show

# The leader's process dies. For a while nobody notices: the controller waits for its heartbeat.
kill broker=1
controller

# Then the controller has fenced it, and one of those in sync leads, in a new epoch.
wait 2s
controller
show

# Clients find the new leader. What was committed is there, and new records follow it.
produce orders "paid 5"
wait 200ms
consume orders

# The old leader comes back. It follows now, and joins those in sync when it has caught up.
start broker=1
wait 500ms
controller
show
