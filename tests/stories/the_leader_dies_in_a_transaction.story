# The leader dies in the middle of a transaction
# What a leader knew of the transaction, the next one knows from the same log.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
txn-producer p transactional.id=pay-1 request.timeout.ms=500ms delivery.timeout.ms=30s
txn-init p
coordinator pay-1
txn-begin p
txn-send orders-0 "paid 10" producer=p
wait 200ms
txn-deliveries p

# It dies, and for a second nobody leads. The record waits, and is sent to the next leader.
kill broker=1
txn-send orders-0 "paid 7" producer=p
wait 300ms
txn-deliveries p
wait 4s
txn-deliveries p

# The transaction is open there too, and ends as if nothing had been.
transactions orders-0
txn-commit p
txn-read orders-0
