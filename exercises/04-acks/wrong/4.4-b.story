# An acknowledged record is lost
# needs: cluster, acks

# why: an operator throws it away: somebody is elected who lacks what is committed
# shows: nobody is elected who may lack something
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
kill broker=3
wait 2s
produce orders "paid 7" acks=1
wait 200ms
kill broker=1
kill broker=2
wait 2s
start broker=3
elect orders-0 unclean
wait 1s
consume orders
