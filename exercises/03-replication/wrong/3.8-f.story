# Killed one after the other, two logs fork
# needs: cluster

# why: it is back, and has not asked: the leader does not know yet what it has
# shows: the follower has asked: the leader believes that their logs are the same
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
produce orders "paid 7"
(fetch broker=2)
(fetch broker=3)
(fetch broker=3)
(fetch broker=2)
kill broker=1
wait 2s
kill broker=2
wait 2s
produce orders "paid 99"
start broker=1
show
