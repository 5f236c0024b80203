# A lost index is no loss
# needs: log, disk

open segment.bytes=210 index.interval.bytes=100
append a time=1s
append b time=2s
append c time=3s
append d time=4s
close
show

# Both indexes of the first segment are removed.
remove file=00000000000000000000.index
remove file=00000000000000000000.timeindex

# An index follows from its segment: it is a fold over its batches. So the segment is read, and both are made again.
# The entries are the same.
open
show
