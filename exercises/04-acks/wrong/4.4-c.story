# An acknowledged record is lost
# needs: cluster, acks

# why: with acks=all the leader waits, and says in the end that it does not know: nobody was told that the record is safe
# shows: every record is sent with acks=1
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
produce orders "paid 10" acks=1
(wait 200ms)
isolate broker=1
!produce orders "paid 7" acks=all to=1 timeout=1s
wait 2s
heal
wait 1s
consume orders
