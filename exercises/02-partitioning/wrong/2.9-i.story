# Cancelled before ordered
# needs: broker

# why: the first record's topic is deleted. Another record lies at its place now, and nobody reads the first one any more
# shows: and one consumer polls both
topic orders partitions=3
producer one metadata.max.age.ms=10s
produce orders ordered key=alice producer=one
delete orders
topic orders partitions=2
producer two metadata.max.age.ms=10s
produce orders other key=bob producer=two
produce orders cancelled key=alice producer=two
consumer packer orders-1 orders-0 auto.offset.reset=earliest
poll packer
