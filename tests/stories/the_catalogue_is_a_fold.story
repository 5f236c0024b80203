# The list of topics is a fold over a log
# needs: broker

# Each decision about a topic is a record in a log of the broker's own.
topic orders partitions=2
topic payments
grow orders to=3
delete payments
catalogue

# So a broker that starts again knows what it knew.
produce orders "paid 10" key=alice
stop
start
show

# It also does after a crash: a decision is on the disk before anybody is told.
topic returns
crash
start
catalogue
