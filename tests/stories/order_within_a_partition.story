# Order holds within a partition, and not across
# needs: broker

# A topic of two partitions. The shop says for each record which one it goes to.
topic orders partitions=2
produce orders "1 alice orders" partition=0
produce orders "2 bob orders" partition=1
produce orders "3 alice pays" partition=0
produce orders "4 bob pays" partition=1

# Each partition is a log of its own, with offsets of its own, from 0.
show

# A reader of one partition gets its records in the order in which they were written.
consume orders-0

# A reader of both gets each partition's records in order. But 3 comes before 2: nothing says in which order
# the partitions are read. Whoever numbered the records could put them in order again. The broker cannot.
consume orders
