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

# Both followers copy the second record. Broker 3 asks once more, and then broker 2: with that question it is committed.
# Broker 3, which asked first, does not know.
produce orders "paid 7"
(fetch broker=2)
(fetch broker=3)
(fetch broker=3)
(fetch broker=2)
show
consume orders

# Broker 1 dies, and broker 2 leads. Broker 3 becomes its follower, cuts what it does not know to be committed, and would copy
# it again. It does not come to that: broker 2 dies as well. Broker 3 is in sync, as far as anybody knows, and leads.
kill broker=1
wait 2s
show
kill broker=2
wait 2s
controller

# It takes a record.
produce orders "paid 99"
show

# Broker 1 comes back. All it has is committed, so it cuts nothing, and its log is as long as the leader's.
start broker=1
(fetch broker=1)
show
