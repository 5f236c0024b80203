# An unclean election loses records
# Some texts recommend unclean.leader.election.enable=true, so that data stay safe and available. This is what it does.
# needs: cluster
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
(produce orders "paid 10")
(wait 200ms)

# Brokers 2 and 3 die. Broker 1 goes on alone, and takes a record, which is committed: it is on all that are in sync.
kill broker=2
kill broker=3
wait 2s
produce orders "paid 7"
consume orders

# Broker 1 dies as well. Then broker 2 is back. It is alive, and it does not have the second record. Nobody leads.
kill broker=1
wait 2s
start broker=2
controller
!produce orders "paid 5"

# Whoever waits for broker 1 loses nothing. Whoever cannot wait can have broker 2 lead.
elect orders-0 unclean
produce orders "paid 5"
consume orders

# Broker 1 comes back. It has the record, and must throw it away: broker 2's log is the truth now.
start broker=1
wait 500ms
show
consume orders
