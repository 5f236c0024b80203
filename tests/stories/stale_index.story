# An index that does not fit its segment is made again
# needs: log, disk

# A segment with one index entry, and a copy of its index.
open index.interval.bytes=100
append a
append b
append c
close
keep-copy file=00000000000000000000.index

# The log is truncated, and other records come. Now other batches stand at other bytes.
open
truncate to=1
append "this one is longer"
append "and so is this one"
append "and this"
close
show

# Somebody puts the old index back. Its entry leads into the middle of a batch.
put-back file=00000000000000000000.index
show

# When a segment is opened, the last entry of its index is tried: does a batch with this offset start at this byte?
open
lookup offset=2
