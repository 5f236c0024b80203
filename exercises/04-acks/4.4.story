# An acknowledged record is lost
# needs: cluster, acks

# Three brokers, and two of them must be in sync. All three are.
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
show

# Nobody can copy from the leader any more. It does not notice that at once, and takes a record.
isolate broker=1
produce orders "paid 7" acks=1 to=1
show

# The controller names another leader, which has all that is committed. The record is not.
wait 2s
controller

# Broker 1 is back, and cuts off what only it had. No disk has forgotten anything.
heal
wait 1s
show
consume orders
