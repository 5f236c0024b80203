# With acks=1 an acknowledged record is lost
# The leader answers as soon as it has the record itself.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3)

# Nobody can copy from the leader any more. Its clients still reach it.
isolate broker=1
produce orders "paid 10" acks=1 to=1
show

# Then its machine burns down. Nobody else ever had the record.
wipe broker=1
heal
wait 2s
controller
consume orders
