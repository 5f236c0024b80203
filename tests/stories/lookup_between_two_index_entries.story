# The index leads near an offset, and a short walk leads to it
# needs: log

# An entry is due once more than 150 bytes came since the last one. Each batch has 69, so every third one gets an entry.
open index.interval.bytes=150
append a
append b
append c
append d
append e
append f
append g
append h

# (+3, 207) says: the batch that ends with offset 3 starts at byte 207.
show

# Offset 5 lies between two entries. The walk starts at the last one that is not beyond it.
# It looks at headers only, and never at the batches before byte 207.
lookup offset=5

# An entry that fits exactly saves the walk.
lookup offset=6

# Before the first entry, the walk starts at the front. That needs no entry.
lookup offset=1
