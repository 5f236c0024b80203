# A zombie is fenced
# A process stands still, and is taken for dead. Another one begins in its place. Then the first goes on.
# needs: cluster, acks, idempotence, transactions
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(topic refunds partitions=1 replicas=3)
init first id=pay-1
add first orders-0
write first orders "from the first"

# The second takes the transactional id over. What the first had open is aborted before it may begin.
init second id=pay-1
transaction pay-1

# The first wakes up. It may do nothing any more: not write, not commit, not add a partition.
!write first orders "late"
!commit first
!add first orders-0

# Nor in a partition that has heard of neither of them.
transactions refunds-0
!write first refunds "elsewhere"

# The second does its work.
add second orders-0
write second orders "from the second"
commit second
wait 200ms
read orders
