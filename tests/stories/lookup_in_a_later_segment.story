# The names of the files are an index too
# needs: log

# Three batches fit into a segment. The third one gets an index entry.
open segment.bytes=210 index.interval.bytes=100
append a
append b
append c
append d
append e
append f
append g

# Entries count from the first offset of their segment. So four bytes are enough for each number, however long the log gets.
show

# First the segment, by the names of the files. Then its index, then the walk.
lookup offset=5

# The last segment has no entry yet.
lookup offset=6

# The end of the log is a place too: the next record will be there.
lookup offset=7
