# The limit: each partition counts for itself
# Two records for two partitions are two records. Either can be there without the other.
# needs: cluster, acks, idempotence
(cluster brokers=2)
(topic transfers partitions=2 replicas=1)
append transfers "alice -10" id=7 sequence=0 partition=0
producers transfers-0
producers transfers-1

# The same id and the same number in another partition is nothing that was there before.
append transfers "bob +10" id=7 sequence=0 partition=1

# Half of the next transfer: the broker of the other partition is away. Number 1 is written here, and nowhere else, and no number
# says that they belong together.
kill broker=2
wait 2s
append transfers "alice -5" id=7 sequence=1 partition=0
!append transfers "bob +5" id=7 sequence=1 partition=1 to=2
consume transfers-0
