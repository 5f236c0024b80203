# Producer ids come in blocks
# The controller writes down how far it has got before it gives any. So no id is given twice.
# needs: cluster, acks, idempotence
(cluster brokers=3)
producer-id from=1
producer-id from=1
producer-id from=2
producer-id from=3

# A broker that dies takes the rest of its block with it.
kill broker=1
start broker=1
producer-id from=1

# The controller dies. What it has given is in its log, and the next block begins behind it. A broker that has some left goes on
# with them.
kill controller
start controller
wait 2s
kill broker=2
start broker=2
producer-id from=2
producer-id from=3
