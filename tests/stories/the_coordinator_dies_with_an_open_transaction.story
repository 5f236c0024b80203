# The coordinator dies with an open transaction
# What it knows is what its log says. The next one replays it.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
init pay-1
add pay-1 orders-0
write pay-1 orders "paid 10"
coordinator pay-1
transaction pay-1
kill broker=2
wait 2s

# Another broker coordinates. The transaction is where it was, and is committed there.
coordinator pay-1
transaction pay-1
write pay-1 orders "paid 7"
commit pay-1
wait 500ms
transaction pay-1
read orders
