# Killed one after the other, two logs fork
# needs: cluster

# why: the story of the chapter: a machine loses power, and with it what it had not flushed
# shows: processes die, and no disk forgets anything
(cluster brokers=2 fetch=by-hand truncation=to-high-watermark restart=keeps-place)
(topic orders partitions=1 replicas=2)
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=2)
kill broker=1
power broker=2
start broker=2
wait 2s
produce orders "paid 99"
start broker=1
(fetch broker=1)
show
