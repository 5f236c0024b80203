# Cancelled before ordered
# needs: broker

# why: the reader goes back, and reads again: the order in the partition is right
# shows: nobody seeks: a reader that goes back reads again
topic orders partitions=2
producer shop
produce orders ordered key=alice producer=shop
produce orders cancelled key=alice producer=shop
consumer packer orders auto.offset.reset=earliest
seek packer orders-1 to=1
poll packer
seek packer orders-1 to=0
poll packer
