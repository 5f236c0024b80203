# Half a transfer
# Alice gives Bob 10. That is two records, in two partitions. The first is sent, and acknowledged.
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic debits partitions=1 replicas=3)
(topic credits partitions=1 replicas=3)
producer p enable.idempotence=true
send debits "alice -10" producer=p
wait 200ms
deliveries p

# Here the program dies. Somebody counts the money: Alice has paid, and Bob has nothing.
consume debits
consume credits

# The program starts again. It does not know how far it had come, so it does the whole transfer. It is another producer by now.
producer p enable.idempotence=true
send debits "alice -10" producer=p
wait 200ms
send credits "bob +10" producer=p
wait 200ms
deliveries p

# Bob has his 10. Alice has paid 20.
consume debits
consume credits
