# An acknowledged record is lost
# needs: cluster, acks

# why: a follower cuts what is committed, as it did before KIP-101: no story about acks
# shows: no truncation=, no restart=, no wait-policy
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark)
(topic orders partitions=1 replicas=3)
produce orders "paid 10" acks=1
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
kill broker=1
wait 2s
kill broker=2
wait 2s
consume orders
