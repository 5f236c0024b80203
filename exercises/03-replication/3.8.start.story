# Killed one after the other, two logs fork
# needs: cluster

# Followers ask when the story says so, and cut at their own high watermark. All three have the first record, and know that it
# is committed.
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
show

# Go on here.
