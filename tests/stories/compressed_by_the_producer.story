# The producer compresses, and the batch stays as it is
# needs: broker

topic orders
producer plain linger.ms=10
producer small linger.ms=10 compression.type=lz4
send orders "the same words, the same words, the same words" "the same words, the same words, the same words" "the same words, the same words, the same words" producer=plain
wait 50ms
send orders "the same words, the same words, the same words" "the same words, the same words, the same words" "the same words, the same words, the same words" producer=small
wait 50ms

# The broker stored each batch as it came, and serves it so. The consumer opens both.
sizes orders-0
consume orders
