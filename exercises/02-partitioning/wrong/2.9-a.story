# Cancelled before ordered
# needs: broker

# why: the records name their partitions, so the key has no say
# shows: no record names its partition: the key decides
topic orders partitions=2
producer shop
produce orders ordered key=alice partition=1 producer=shop
produce orders cancelled key=alice partition=0 producer=shop
consumer packer orders auto.offset.reset=earliest
poll packer
