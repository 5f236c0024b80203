# Killed one after the other, two logs fork
# needs: cluster

# why: somebody is elected who lacks what is committed: that forks logs under any rule
# shows: nobody is elected who may lack something
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
kill broker=3
wait 2s
produce orders "paid 7"
(fetch broker=2)
(fetch broker=2)
kill broker=1
kill broker=2
wait 2s
start broker=3
elect orders-0 unclean
produce orders "paid 99"
start broker=1
(fetch broker=1)
show
