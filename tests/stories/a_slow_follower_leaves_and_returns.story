# A follower that falls behind leaves those in sync, and returns
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(wait 200ms)
show

# Broker 3 cannot reach the leader any more. It is alive, as the controller knows.
cut from="broker 3" to="broker 1"
produce orders "paid 7"
wait 200ms
controller brokers

# The record is on two machines. It is not committed: broker 3 is in sync, and does not have it.
consume orders
show

# After replica.lag.time.max.ms, two seconds here, the leader asks the controller to put broker 3 out. The controller agrees, and
# the leader waits for it no more.
wait 3s
controller
consume orders
show

# The cable is mended. Broker 3 copies what it missed. When it has all that is committed, the leader asks to let it in again.
heal
wait 1s
controller
show
