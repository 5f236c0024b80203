# A leader that is cut off
# It does not know that others lead by now. It goes on taking records, from clients on its side of the cut.
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(wait 200ms)
show

# The cables between broker 1 and all other machines are cut. Clients still reach it.
isolate broker=1
produce orders "paid 99" to=1
wait 2s

# The controller has not heard of it, and has made broker 2 the leader. Broker 1 does not know that.
controller
show

# What broker 1 took is never committed: nobody copies it. So its consumers do not see it.
consume orders from=1

# The others go on. Their records are committed.
produce orders "paid 5" to=2
wait 200ms
consume orders from=2

# The cables are mended. Broker 1 learns that its epoch is over, asks the new leader with the epoch of its last record, and cuts what
# only it had. The producer was told that "paid 99" is there. It was: on one machine.
heal
wait 2s
show
consume orders
