# Cut at the high watermark, a committed record is lost
# So Kafka did it before KIP-101. A follower that starts cuts its log at its own high watermark: what lies beyond may not be
# committed, and the leader will send it again if it is. (The first scenario of KIP-101.)
# needs: cluster
(cluster brokers=3 fetch=by-hand truncation=to-high-watermark restart=keeps-place)
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

# Broker 2's process dies and starts again, before the controller has noticed. It cuts its log at its high watermark.
kill broker=2
start broker=2
show

# It would copy the record again. But the leader dies first. Broker 2 is in sync, as far as anybody knows, and leads.
kill broker=1
wait 2s
controller

# The record was committed. A consumer has read it. It is gone, and broker 3, which still has it, must throw it away.
consume orders
(fetch broker=3)
(fetch broker=3)
show
