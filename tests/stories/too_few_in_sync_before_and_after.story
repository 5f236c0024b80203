# Too few replicas in sync: before the record is written, and after
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=all

# Two brokers die. Until that is noticed, the leader waits for them. When the answer is due, it alone is in sync. The record is in its
# log. Whether it will be committed, nobody knows.
kill broker=2
kill broker=3
ask orders "paid 7" acks=all timeout=3s
wait 4s
answers
show

# Now it is known before. The leader does not even write the record.
!produce orders "paid 5" acks=all
show

# Whoever asks for less can still write. That record is no safer for it.
produce orders "paid 3" acks=1
consume orders

# A second broker is back. What the leader wrote meanwhile is committed after all, also the record of which nobody knew.
start broker=2
wait 500ms
consume orders
