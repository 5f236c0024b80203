# A compressed batch is stored and sent as it came
# needs: log

# Three records in one batch, first without compression, then with it. The producer compresses them together.
open
append '{"account":"alice","paid":10}' '{"account":"bob","paid":7}' '{"account":"carol","paid":3}'
append '{"account":"alice","paid":10}' '{"account":"bob","paid":7}' '{"account":"carol","paid":3}' compression=lz4
show

# The log has written the offset into the batch, and the epoch of the leader that gave it. It has changed nothing else.
# The checksum covers what comes after these two. So it is still the producer's, and the reader can verify it.
header offset=3

# It is the reader that decompresses.
read from=3

# Each batch names its own codec, so one log can hold batches of all of them. Records as small as these gain nothing.
append x y z compression=zstd
append x y z compression=snappy
show
