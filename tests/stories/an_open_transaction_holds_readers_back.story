# An open transaction holds readers back
# The last stable offset is where the first record lies that is not decided.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
init slow
init quick
add slow orders-0
write slow orders "slow 1"

# Another transaction begins later, and is committed before. So is a record that is of none.
add quick orders-0
write quick orders "quick 1"
commit quick
produce orders "of none"
wait 200ms
transactions orders-0

# They are committed, and readers do not get them: they would have to come back for what lies before.
read orders
read orders isolation=uncommitted

# The slow one ends. Everything is there, in the order of the log.
commit slow
wait 200ms
transactions orders-0
read orders
