# Cancelled before ordered
# needs: broker

# Two partitions. Divided by two, the hash of alice leaves 1.
topic orders partitions=2
producer shop metadata.max.age.ms=10s
produce orders ordered key=alice producer=shop

# The topic grows. No record is moved, and after ten seconds the producer knows. Divided by three, the hash of alice
# leaves 0.
grow orders to=3
wait 10s
produce orders cancelled key=alice producer=shop
show

# There is an order within partition 0, and one within partition 1. There is none between the two. This packer reads
# partition 0 first.
consumer packer orders auto.offset.reset=earliest
poll packer
