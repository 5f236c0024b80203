# A broker that stops in order gives away what it leads first
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(wait 200ms)

# It asks for leave. The controller has another broker lead, and only then lets it go. Nobody waits for a session to be over.
stop broker=1
controller
controller brokers
produce orders "paid 7"

# When it is back it has caught up in a moment, and is in sync. It does not lead: leaders do not change without need.
start broker=1
wait 500ms
controller

# It is the preferred leader, the first of the replicas. An operator can ask for it.
elect orders-0 preferred
wait 200ms
show
