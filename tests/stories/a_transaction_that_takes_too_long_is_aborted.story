# A transaction that takes too long is aborted
# Whoever dies with an open transaction would hold all readers back for ever.
# needs: cluster, acks, idempotence, transactions
rules check=1s
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
init pay-1 timeout=5s
add pay-1 orders-0
write pay-1 orders "paid 10"
produce orders "of none"
wait 3s
read orders

# Its time is over. The coordinator aborts it, and raises the epoch, so that nothing of it can come later.
wait 4s
transaction pay-1
read orders
!write pay-1 orders "paid 7"
!commit pay-1

# It has to say that it knows, and can go on.
abort pay-1
add pay-1 orders-0
write pay-1 orders "paid 5"
commit pay-1
wait 200ms
read orders
