# A full buffer makes the producer wait
# needs: broker

# The producer has 400 bytes for records that wait, and lets its caller wait for at most five seconds.
topic orders
producer shop buffer.memory=400 batch.size=100 max.block.ms=5s
send orders "order number 0 of the day" producer=shop
wait 10ms

# The network is held up. Records pile up in the producer.
hold
send orders "order number 1 of the day" "order number 2 of the day" "order number 3 of the day" "order number 4 of the day" producer=shop

# There is no room for more. The caller is made to wait, and at last he is told.
!send orders "order number 5 of the day" producer=shop

# The network is back. The records leave, their memory is free, and the next ones are taken at once.
release
wait 100ms
send orders "order number 6 of the day" producer=shop
wait 100ms
show
