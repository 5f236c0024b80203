# Each transaction has its epoch
# The same, where each end of a transaction raises the epoch (KIP-890).
# needs: cluster, acks, idempotence, transactions
(cluster brokers=1)
(topic debits partitions=1 replicas=1)
(topic credits partitions=1 replicas=1)
init pay-1
add pay-1 debits-0
write pay-1 debits "alice -7"
abort pay-1
wait 200ms
add pay-1 debits-0
write pay-1 debits "alice -10"

# The late request is of epoch 0, and says so.
!abort pay-1 epoch=0
transaction pay-1
add pay-1 credits-0
write pay-1 credits "bob +10"
commit pay-1
wait 200ms
read debits
read credits

# A late record of the first transaction is refused as well, in each partition that has seen a later epoch.
!write pay-1 debits "late" epoch=0
!write pay-1 credits "late" epoch=0
