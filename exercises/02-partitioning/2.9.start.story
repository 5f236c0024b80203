# Cancelled before ordered
# needs: broker

# Two partitions. All that alice does goes to one of them.
topic orders partitions=2
producer shop metadata.max.age.ms=10s
produce orders ordered key=alice producer=shop
produce orders cancelled key=alice producer=shop
show

# A packer reads from the beginning on. He must hear of the cancelling first.
consumer packer orders auto.offset.reset=earliest
poll packer
