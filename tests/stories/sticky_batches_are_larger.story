# Sticky batches are fewer and larger
# needs: broker

# Nine records without a key, in batches of at most 200 bytes, and 100 milliseconds to wait for company.
topic even partitions=3
topic sticky partitions=3
producer one partitioner.class=round-robin batch.size=200 linger.ms=100
producer two partitioner.class=sticky batch.size=200 linger.ms=100

# Round robin fills three batches at once.
send even a b c d e f g h i producer=one
wait 200ms

# The sticky partitioner stays with one partition until the batch there is full or gone.
send sticky a b c d e f g h i producer=two
wait 200ms
show

# The same nine records, in one batch instead of three: one header instead of three, and one write at the broker. The next
# nine will go to another partition. So over time, partitions get the same number of batches, and not of records.
send sticky j k l m n o p q r producer=two
wait 200ms
show sticky
