# Cancelled before ordered
# needs: broker

# why: a producer that does not look at keys keeps no order of keys
# shows: every producer goes by key, as it does if nothing else is set
topic orders partitions=2
producer shop partitioner.class=round-robin
produce orders other producer=shop
produce orders ordered key=alice producer=shop
produce orders cancelled key=alice producer=shop
consumer packer orders auto.offset.reset=earliest
poll packer
