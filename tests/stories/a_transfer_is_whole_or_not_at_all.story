# A transfer is whole or not at all
# A producer takes money from one account and gives it to another. Each account is a partition.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic accounts partitions=2 replicas=3)
txn-producer p transactional.id=pay-1
txn-init p

# Two records in two partitions. They are acknowledged, and no reader is given them: they do not count yet.
txn-begin p
txn-send accounts-0 "alice pays 10" producer=p
txn-send accounts-1 "bob gets 10" producer=p
wait 200ms
txn-deliveries p
txn-read accounts-0

# Now both do. The producer has the next epoch.
txn-commit p
txn-read accounts-0
txn-read accounts-1

# Something is wrong after the first half. What is in the log stays there, and is never given to a reader. What has not left fails.
txn-begin p
txn-send accounts-0 "alice pays 7" producer=p
wait 200ms
txn-send accounts-1 "bob gets 7" producer=p
txn-abort p
txn-deliveries p
txn-read accounts-0

# Calls have an order.
!txn-commit p
!txn-send accounts-0 "alice pays 5" producer=p
