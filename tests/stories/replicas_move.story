# Replicas move to another broker
# needs: cluster
(cluster brokers=4)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10" "paid 7")
(wait 200ms)
show

# Broker 4 shall have a copy, in the place of broker 1. Until it has caught up there are four.
reassign orders-0 to="4,2,3"
wait 1s

# Broker 4 is in sync, and broker 1 is out. Another one leads, as broker 1 cannot any more.
controller
show
consume orders
