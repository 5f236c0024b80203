# A read is bounded in bytes, and still gives at least one whole batch
# needs: log

# Each batch has 69 bytes.
open
append a
append b
append c

# Two batches fit into 150 bytes, and a piece of the third one comes with them.
# The log does not look at what it sends. The reader sees that the last batch is cut off, and leaves it.
read from=0 max.bytes=150

# The reader goes on after the last record that it got in full.
read from=2 max.bytes=150

# Not even one batch fits into 10 bytes. With a piece of it the reader could do nothing but ask again, for ever.
# So the first batch comes whole, whatever the bound says.
read from=0 max.bytes=10
