# What is sent again is not overtaken
# The accidents of "A record that is sent again is overtaken". Five requests may be under way, and the order is kept.
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
producer p acks=all enable.idempotence=true batch.size=0 max.in.flight.requests.per.connection=5
send orders "paid 10" producer=p
wait 100ms
deliveries p

# Only the leader is left in sync. It refuses a record. Its answer is still on its way when the network stalls.
kill broker=2
kill broker=3
wait 2s
send orders "in first" producer=p
(wait 1ms)
hold client "broker 1"

# Meanwhile broker 2 is back in sync, and the producer has another record.
start broker=2
wait 500ms
send orders "in second" producer=p

# The network goes on. The second record has number 2, and the leader waits for number 1. So it is out of order, until the first one is
# there.
release client "broker 1"
wait 2s
deliveries p
consume orders
