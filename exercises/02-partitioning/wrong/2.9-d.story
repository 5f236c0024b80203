# Cancelled before ordered
# needs: broker

# why: the topic grows to a number by which alice's hash leaves the same rest: her records stay together
# shows: of two records of one key, the one that was sent later is polled first
topic orders partitions=2
producer shop metadata.max.age.ms=10s
produce orders ordered key=alice producer=shop
grow orders to=4
wait 10s
produce orders cancelled key=alice producer=shop
consumer packer orders auto.offset.reset=earliest
poll packer
