# Records of two partitions count together
# Money goes from one account to another. The two records are in two partitions, on two machines.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic debits partitions=1 replicas=3)
(topic credits partitions=1 replicas=3)

# A producer says who it is, by a name of its own that lasts. It gets a producer id and an epoch.
init pay-1

# A transaction gets its partitions, then its records. They are in the logs, and no reader of committed records sees them.
add pay-1 debits-0 credits-0
write pay-1 debits "alice -10"
write pay-1 credits "bob +10"
transaction pay-1
read debits
read credits
read credits isolation=uncommitted

# One decision. Then the markers go out, and both count.
commit pay-1
wait 200ms
transaction pay-1
read debits
read credits
show debits-0
