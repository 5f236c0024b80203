# What is aborted is never seen
# needs: cluster, acks, idempotence, transactions
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
init pay-1
add pay-1 orders-0
write pay-1 orders "paid 10"
write pay-1 orders "paid 7"
abort pay-1
wait 200ms

# The records stay where they are. A log is never changed in its middle. Readers are told which to leave out.
show orders-0
read orders
read orders isolation=uncommitted

# The next transaction has the next epoch.
add pay-1 orders-0
write pay-1 orders "paid 5"
commit pay-1
wait 200ms
read orders
