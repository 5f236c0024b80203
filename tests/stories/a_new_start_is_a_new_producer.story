# The limit: a new start is a new producer
# Numbers tell a retry of the producer. Whether a program says the same thing twice, no broker can know.
# needs: cluster, acks, idempotence
(cluster brokers=1)
(topic orders partitions=1 replicas=1)
producer p enable.idempotence=true
send orders "order 1: paid 10" producer=p
wait 100ms
deliveries p

# The program dies before it has written down that order 1 is done. It starts again, and does order 1 again.
producer p enable.idempotence=true
send orders "order 1: paid 10" producer=p
wait 100ms
deliveries p
consume orders
producers orders-0
