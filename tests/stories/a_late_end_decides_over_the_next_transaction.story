# A late end decides over the next transaction
# KAFKA-17754: a request to abort is late. With one epoch for all transactions, nobody can tell which of them it means.
# needs: cluster, acks, idempotence, transactions
rules epochs=of-init
(cluster brokers=1)
(topic debits partitions=1 replicas=1)
(topic credits partitions=1 replicas=1)
init pay-1
add pay-1 debits-0
write pay-1 debits "alice -7"

# The producer asks to abort. No answer comes, so it asks again over another connection, and is answered.
abort pay-1
wait 200ms

# It goes on, and writes half of the next transaction.
add pay-1 debits-0
write pay-1 debits "alice -10"

# Now the first request to abort arrives. It aborts what it knows nothing of.
abort pay-1 epoch=0
wait 200ms
transaction pay-1

# The producer does not know, and writes the other half, to another partition. That half is committed, alone.
add pay-1 credits-0
write pay-1 credits "bob +10"
commit pay-1
wait 200ms
read debits
read credits
