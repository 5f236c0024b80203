# Cut where the logs part, the record survives
# The same steps as before, with the rule that Kafka has had since KIP-101. A follower cuts nothing by itself. It says the epoch
# of its last record when it asks, and the leader says whether the two logs part, and where.
# needs: cluster
(cluster brokers=3 fetch=by-hand truncation=by-leader-epoch restart=keeps-place)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)

# A second record is copied by both followers. Then each asks once more: first broker 2, then broker 3. With the second of
# these questions the leader knows that all have it. It is committed, and a consumer sees it. Broker 2, which asked first, does
# not know that yet: its high watermark is behind.
(produce orders "paid 7")
(fetch broker=2)
(fetch broker=3)
(fetch broker=2)
(fetch broker=3)
show
consume orders

# Broker 2's process dies and starts again, before the controller has noticed. Its high watermark is behind, as before, and
# its log is left as it is.
kill broker=2
start broker=2
show

# The leader dies, and broker 2 leads. It has the record.
kill broker=1
wait 2s
controller

# Broker 3 asks with the epoch of its last record. The logs agree. So the record is committed once more.
fetch broker=3
consume orders
show
