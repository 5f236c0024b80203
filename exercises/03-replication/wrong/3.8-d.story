# Killed one after the other, two logs fork
# needs: cluster

# why: what the old leader has beyond its high watermark is not committed, and it cuts that: the old rule does that well
# shows: a leader and its follower hold different records at one offset, below both high watermarks
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
isolate broker=1
produce orders "paid 7" to=1
wait 2s
produce orders "paid 99" to=2
heal
wait 1s
(fetch broker=1)
(fetch broker=1)
(fetch broker=1)
(fetch broker=3)
(fetch broker=3)
show
