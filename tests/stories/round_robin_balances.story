# Round robin gives each partition the same number of records
# needs: broker

topic orders partitions=3
producer shop partitioner.class=round-robin linger.ms=50
send orders a b c d e f g producer=shop
flush shop

# No partition has more than one record more than another. The price: seven records left in three small batches.
show
