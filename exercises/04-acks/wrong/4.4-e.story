# An acknowledged record is lost
# needs: cluster, acks

# why: it is not over: broker 1 leads as long as the controller has not missed it, and has the record
# shows: at the end nobody has it who leads, is in sync, or is eligible to lead
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
isolate broker=1
produce orders "paid 7" acks=1 to=1
show
