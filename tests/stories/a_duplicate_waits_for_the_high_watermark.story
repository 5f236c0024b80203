# A duplicate waits as well
# That a record is in the leader's log is not enough for acks=all, however often it is sent.
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
append orders "paid 10" id=7 sequence=0

# Nobody can ask the leader any more. The record is in its log alone, and its producer is not told that it is safe.
cut from="broker 2" to="broker 1"
cut from="broker 3" to="broker 1"
!append orders "paid 7" id=7 sequence=1 timeout=300ms

# It is sent again. The leader knows it, and has still nothing to say.
append orders "paid 7" id=7 sequence=1 timeout=5s wait=no
wait 200ms
answers
show

# With the followers, the answer comes. The record is there once.
heal
wait 3s
answers
consume orders
