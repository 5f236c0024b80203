# A producer is remembered for longer than its records live
# Kafka once forgot a producer with its last record (KAFKA-7190). Who wrote seldom was refused each time.
# needs: cluster, acks, idempotence
(cluster brokers=1 log.retention.check.interval.ms=1s)
(topic orders partitions=1 replicas=1 retention.ms=5000 segment.bytes=200)
append orders "paid 10" id=7 sequence=0
append orders "paid 7" id=7 sequence=1
append orders "paid 5" id=7 sequence=2

# All that it has written is old enough to go.
wait 10s
consume orders
producers orders-0

# Its next batch has number 3, and a retry of the last one is still known.
append orders "paid 3" id=7 sequence=3
append orders "paid 5" id=7 sequence=2
!append orders "paid 1" id=7 sequence=6

# The same after the broker's death: what no record says any more is in the snapshot.
kill broker=1
start broker=1
wait 1s
append orders "paid 1" id=7 sequence=4
