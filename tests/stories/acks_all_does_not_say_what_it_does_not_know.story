# With acks=all the producer is not told what is not so
# The same steps. The leader waits for those in sync before it answers.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)

# Nobody can copy from the leader any more, so it waits in vain. After the time that the request gives it says so. The producer
# knows that it does not know: the record may be there or not.
isolate broker=1
!produce orders "paid 10" acks=all timeout=1s to=1

# The machine burns down. The record is gone, and nobody was told that it was safe.
wipe broker=1
heal
wait 2s
consume orders

# To the new leader it can be sent again. All that are in sync have it when the answer comes.
produce orders "paid 10" acks=all
show
