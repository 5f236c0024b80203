# Each transaction has its epoch
# The same, where each end of a transaction raises the epoch (KIP-890).
# needs: cluster, acks, idempotence, transactions
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
init pay-1
add pay-1 orders-0
write pay-1 orders "first transaction"
abort pay-1
wait 200ms
add pay-1 orders-0
write pay-1 orders "second transaction, 1 of 2"

# The late request is of epoch 0, and says so.
!abort pay-1 epoch=0
transaction pay-1
write pay-1 orders "second transaction, 2 of 2"
commit pay-1
wait 200ms
read orders

# So does a late record of the first transaction, whichever partition it comes to.
!write pay-1 orders "late" epoch=0
