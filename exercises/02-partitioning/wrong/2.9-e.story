# Cancelled before ordered
# needs: broker

# why: the two records have two keys, and between keys no order was promised
# shows: two records of one key are sent
topic orders partitions=2
producer shop
produce orders ordered key=alice producer=shop
produce orders cancelled key=bob producer=shop
consumer packer orders auto.offset.reset=earliest
poll packer
