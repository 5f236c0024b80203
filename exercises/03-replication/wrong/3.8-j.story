# Killed one after the other, two logs fork
# needs: cluster

# why: the new leader writes nothing: its log is shorter, and broker 1 is cut to that. The record is lost, and nothing forks
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
produce orders "paid 7"
(fetch broker=2)
(fetch broker=3)
(fetch broker=3)
(fetch broker=2)
kill broker=1
wait 2s
kill broker=2
wait 2s
start broker=1
(fetch broker=1)
(fetch broker=1)
show
