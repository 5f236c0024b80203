# The high watermark follows
# One leader, two followers. Here the followers ask only when the story tells them to, so that each step can be seen.
# needs: cluster
(cluster brokers=3 fetch=by-hand)
(topic orders partitions=1 replicas=3)

# A producer sends two records to the leader. They are in its log, and nowhere else.
produce orders "paid 10" "paid 7"
show

# A consumer does not get them. If the leader's machine burned down now, they would be gone, and nobody should have seen
# what never was.
consume orders

# Broker 2 asks for what comes next. It gets both records. The leader still knows only that broker 2 had nothing when it asked.
fetch broker=2
show

# Broker 3 does the same. Now all three have both records, and no one knows it.
fetch broker=3
show

# Broker 2 asks again, from offset 2. So it has everything before 2. Broker 3 may still have nothing, as far as the leader knows.
fetch broker=2

# Broker 3 asks again. Now the leader knows that all have both records: they are committed. Its answer tells broker 3.
fetch broker=3
show

# A consumer sees them.
consume orders

# Broker 2 learns it with its next question. Until then its high watermark is an old one.
fetch broker=2
show
