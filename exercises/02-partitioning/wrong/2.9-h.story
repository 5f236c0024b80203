# Cancelled before ordered
# needs: broker

# why: a consumer that began at the end, and another that begins at the beginning, are two readers
# shows: and one consumer polls both
topic orders partitions=2
producer shop
produce orders ordered key=alice producer=shop
consumer late orders
(poll late)
produce orders cancelled key=alice producer=shop
poll late
consumer packer orders-1 auto.offset.reset=earliest max.poll.records=1
poll packer
