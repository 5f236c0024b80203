# A retry to a new leader is no duplicate
# The numbers stand in the batches. So whoever has copied a batch knows its producer.
# needs: cluster, acks, idempotence
(cluster brokers=3)
(topic orders partitions=1 replicas=3)
producer p acks=all enable.idempotence=true request.timeout.ms=500ms delivery.timeout.ms=30s

# The answer to a record does not reach the producer. All three brokers have the record.
cut from="broker 1" to=client
send orders "paid 10" producer=p
wait 200ms
producers orders-0

# The leader dies. The producer sends the record again, to the new one, which has never spoken with it, and knows it.
kill broker=1
heal
wait 3s
deliveries p
consume orders
producers orders-0
