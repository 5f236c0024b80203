# Killed one after the other, two logs fork
# needs: cluster

# why: broker 3 knows that the record is committed, and does not cut it off
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
(fetch broker=3)
kill broker=1
wait 2s
kill broker=2
wait 2s
produce orders "paid 99"
start broker=1
(fetch broker=1)
(fetch broker=1)
show
