# Cancelled before ordered
# needs: broker

# why: the key moves to a partition that is read after its old one: in two partitions, and still in order
# shows: of two records of one key, the one that was sent later is polled first
topic orders partitions=2
producer shop metadata.max.age.ms=10s
produce orders ordered key=alice producer=shop
grow orders to=5
wait 10s
produce orders cancelled key=alice producer=shop
consumer packer orders auto.offset.reset=earliest
poll packer
