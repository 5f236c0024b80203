# Markers come one by one
# The decision is one, and each partition hears of it by itself. Reading several partitions is not atomic.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic debits partitions=1 replicas=3)
(topic credits partitions=1 replicas=3)
controller
init pay-1
add pay-1 debits-0 credits-0
write pay-1 debits "alice -10"
write pay-1 credits "bob +10"
coordinator pay-1

# The coordinator cannot reach one of the two leaders for a while.
cut from="broker 1" to="broker 3"
commit pay-1
wait 300ms

# The transaction is committed. One partition knows, and the other does not.
read debits
read credits
transaction pay-1

# A moment later both do. Whoever wants to see both must wait until both are there.
heal
wait 3s
read debits
read credits
transaction pay-1
