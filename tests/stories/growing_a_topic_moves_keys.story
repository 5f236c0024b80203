# Growing a topic moves keys
# needs: broker

# Two partitions. All that alice does goes to one of them.
topic orders partitions=2
produce orders "orders tea" key=alice
produce orders "orders bread" key=bob
show

# The topic grows. The partitions that it had stay as they are: no record is moved.
grow orders to=5
show

# But the partition is the hash divided by the number of partitions, and what is left. Now the number is another one.
produce orders "pays 10" key=alice
produce orders "pays 7" key=bob
show

# So alice's payment is in another partition than her order. A reader can meet it first.
# And the topic cannot shrink again: the records of the last partitions would be gone.
!grow orders to=2
