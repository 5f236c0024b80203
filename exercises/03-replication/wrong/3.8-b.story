# Killed one after the other, two logs fork
# needs: cluster

# why: the controller does not notice that a broker was started again, and elects it for what it had before
# shows: the controller notices who was started again
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark restart=keeps-place)
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
(fetch broker=2)
(fetch broker=3)
kill broker=2
start broker=2
kill broker=1
wait 2s
produce orders "paid 99"
start broker=1
(fetch broker=1)
show
