# A producer takes too long, and goes on
# needs: cluster, acks, idempotence, transactions
rules check=1s
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
txn-producer p transactional.id=pay-1 transaction.timeout.ms=5s
txn-init p
txn-begin p
txn-send orders-0 "paid 10" producer=p
wait 7s
txn-deliveries p
transaction pay-1

# The coordinator has aborted the transaction. What comes now is of an epoch that is over, and nothing but `abort` is left.
txn-send orders-0 "paid 7" producer=p
wait 200ms
txn-deliveries p
!txn-commit p
!txn-send orders-0 "paid 5" producer=p

# The coordinator knows that nobody else has taken the id. The producer has the next epoch, and goes on.
txn-abort p
txn-begin p
txn-send orders-0 "paid 5" producer=p
txn-commit p
txn-read orders-0

# Now somebody else takes it. The coordinator says that, too, and then nothing is left.
txn-begin p
txn-send orders-0 "paid 3" producer=p
wait 200ms
txn-producer q transactional.id=pay-1
txn-init q
!txn-commit p
!txn-begin p
txn-read orders-0
