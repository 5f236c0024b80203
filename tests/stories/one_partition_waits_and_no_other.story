# One partition waits, and no other
# A partition with too few copies takes no marker. The transactions of others do not wait for that.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic debits partitions=1 replicas=3 min.insync.replicas=3)
(topic credits partitions=1 replicas=3)
(reassign credits-0 to="1,2,3")
(elect credits-0 preferred)
(wait 1s)
controller
init pay-1
add pay-1 debits-0
write pay-1 debits "alice -10"

# Both have the same leader. A broker dies. "debits" wants three copies, and has two.
kill broker=3
wait 10s
controller
commit pay-1
wait 300ms
transaction pay-1
read debits

# The other transaction is not held up by that.
init pay-2
add pay-2 credits-0
write pay-2 credits "bob +10"
commit pay-2
wait 300ms
transaction pay-2
read credits

# The broker comes back. What was decided long ago is carried out.
start broker=3
wait 10s
transaction pay-1
read debits
