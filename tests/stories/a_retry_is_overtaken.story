# A record that is sent again is overtaken
# Five requests may be under way at a time.
# needs: cluster, acks
(cluster brokers=3)
(topic orders partitions=1 replicas=3 min.insync.replicas=2)
producer p acks=all batch.size=0 max.in.flight.requests.per.connection=5
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

# The network goes on. The refusal arrives, and the first record is sent again.
release client "broker 1"
wait 2s
deliveries p
consume orders
