# A compressed batch is stored and sent as it came
# needs: log

# Four records in one batch, first without compression, then with it. The producer compresses them together.
open
append '{"account": "alice", "paid": 10}' '{"account": "bob", "paid": 7}' '{"account": "carol", "paid": 3}' '{"account": "dave", "paid": 4}'
append '{"account": "alice", "paid": 10}' '{"account": "bob", "paid": 7}' '{"account": "carol", "paid": 3}' '{"account": "dave", "paid": 4}' compression=lz4
show

# The log has written the offset into the batch, and the epoch of the leader that gave it. It has changed nothing else.
# The checksum covers what comes after these two. So it is still the producer's, and the reader can verify it.
header offset=4

# It is the reader who decompresses.
read from=4

# Each batch names its own codec. One log can hold batches of all of them.
append x y z compression=zstd
append x y z compression=snappy
show
