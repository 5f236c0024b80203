# A full index closes its segment
# needs: log

# While a segment is active, its index has a fixed size: 36 bytes here, which is room for four entries of 8 bytes.
# Every batch but the first gets an entry.
open segment.index.bytes=36 index.interval.bytes=1
append a
append b
append c
append d
append e
show

# The segment has room for a gigabyte, and its index has none. So the next batch begins a new segment.
append f
show
