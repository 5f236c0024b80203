# A full segment is closed, and the next one begins
# needs: log

# Each batch has 69 bytes. Three of them fit into 210 bytes, a fourth does not.
open segment.bytes=210
append a
append b
append c
append d

# The new file is named after its first offset. Only the last file is active: only there will bytes still change.
# The first one was flushed before the second one began. So the recovery point is at 3.
show

# A reader asks for an offset and need not know of files. Their names say which one has it.
read from=2
read from=3

# A batch that is larger than a segment may be has no place at all. This one has twenty records.
!append a b c d e f g h i j k l m n o p q r s t
