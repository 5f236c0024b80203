# Too few in sync keep no other transaction waiting
# A transaction is decided, and one of its partitions takes no marker for now. What is decided after it is carried out.
# needs: cluster, acks, idempotence, transactions
(rules partitions=1)
(cluster brokers=3)
(topic debits partitions=1 replicas=3 min.insync.replicas=3)
(topic credits partitions=3 replicas=3)
init pay-1
init pay-2
add pay-1 debits-0
write pay-1 debits "alice -10"
add pay-2 credits-2
write pay-2 credits "bob +10" partition=2
coordinator pay-1

# A broker dies that leads neither partition. One of them wants all three, and it has a record of the first transaction.
kill broker=2
wait 2s
commit pay-1
wait 100ms
transaction pay-1

# The second one is carried out all the same, though its partition has the same leader.
commit pay-2
wait 500ms
transaction pay-2
read credits-2

# When all three are in sync again, the first one is carried out as well.
start broker=2
wait 2s
transaction pay-1
read debits
