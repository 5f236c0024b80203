# Cancelled before ordered
# needs: broker

# why: the producer does not know yet that the topic has grown, and sends the second record where the first went
# shows: of two records of one key, the one that was sent later is polled first
topic orders partitions=2
producer shop metadata.max.age.ms=10s
produce orders ordered key=alice producer=shop
grow orders to=3
produce orders cancelled key=alice producer=shop
consumer packer orders auto.offset.reset=earliest
poll packer
