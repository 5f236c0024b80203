# A reader looks for a time
# needs: broker

topic orders partitions=2
produce orders "at nine" partition=0 time=9h
produce orders "at ten" partition=0 time=10h
produce orders "at half past ten" partition=1 time=630m
produce orders "at eleven" partition=0 time=11h

# Each partition is asked for its first record at ten or later.
consumer c orders
seek c orders-0 time=10h
seek c orders-1 time=10h
poll c

# There is no record of noon or later: then it is the end.
seek c orders-0 time=12h
poll c
position c
