# Records with the same key go to the same partition
# needs: broker

# What must stay in order gets the same key. Here that is the customer.
topic orders partitions=3
produce orders "orders tea" key=alice
produce orders "orders bread" key=bob
produce orders "orders salt" key=carol
produce orders "pays 10" key=alice
produce orders "pays 7" key=bob
produce orders "cancels" key=alice

# The producer hashed the key. So all that alice did is in one partition, in order. Nobody keeps a table of who is where.
show

# Two keys can share a partition, and a partition can stay empty: a hash is fair on average and with many keys.
consume orders-0
