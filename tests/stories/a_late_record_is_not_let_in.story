# A late record is not let in
# The same with a question before the first record (KIP-890). The epochs are as before, to show what the question alone does.
# needs: cluster, acks, idempotence, transactions
rules epochs=of-init check=1s
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
init pay-1 timeout=5s
add pay-1 orders-0
abort pay-1
wait 200ms

# The record arrives. The partition asks the coordinator, and hears that there is no such transaction.
!write pay-1 orders "late"
transactions orders-0
produce orders "of none"
read orders
