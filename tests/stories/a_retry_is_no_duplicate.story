# A retry is no duplicate
# The accidents of "Sent again: at least once". This producer numbers its records.
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=20s
send orders "paid 10" producer=p
wait 100ms
deliveries p

# The answer is lost. The record is there, and comes again. The leader knows its number, and answers with the offset that it has.
cut from="broker 1" to=client
send orders "paid 7" producer=p
wait 400ms
heal
wait 2s
deliveries p

# The record itself is lost, and comes for the first time when it is sent again.
cut from=client to="broker 1"
send orders "paid 5" producer=p
wait 400ms
heal
wait 2s
deliveries p

# Each is there once.
consume orders
producers orders-0
