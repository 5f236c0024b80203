# One key has most of the records
# needs: broker

# Alice orders all day. Her key has one partition, and so has all that she does.
topic plain partitions=4
(produce plain a1 a2 a3 a4 a5 a6 a7 a8 key=alice)
(produce plain b1 key=bob)
(produce plain c1 key=carol)
show plain

# The shop makes four keys of one: it puts a running number behind it. Now her records are spread.
topic salted partitions=4
(produce salted a1 a5 key="alice/0")
(produce salted a2 a6 key="alice/1")
(produce salted a3 a7 key="alice/2")
(produce salted a4 a8 key="alice/3")
(produce salted b1 key=bob)
(produce salted c1 key=carol)
show salted

# The price: a1 to a8 are in no order any more. Whoever wants them reads several partitions and sorts.
consume salted
