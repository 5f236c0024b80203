# Growing a topic moves keys
# needs: broker

# Two partitions. All that alice does goes to one of them.
topic orders partitions=2
producer shop metadata.max.age.ms=10s
produce orders "orders tea" key=alice producer=shop
produce orders "orders bread" key=bob producer=shop
show

# The topic grows. The partitions that it had stay as they are: no record is moved.
grow orders to=5
show

# The producer does not know yet. It asks for news of a topic when what it knows is ten seconds old. (By default it is
# five minutes.)
produce orders "orders milk" key=bob producer=shop
wait 10s

# Now it knows. The hash is divided by five, and what is left is another number than before.
produce orders "pays 10" key=alice producer=shop
produce orders "pays 7" key=bob producer=shop
show

# So alice's payment is in another partition than her order. Somebody who reads orders-4 first sees a payment for nothing.
consume orders-4

# And the topic cannot shrink again: the records of the last partitions would be gone.
!grow orders to=2
