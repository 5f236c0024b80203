# Two bytes that the checksum does not cover
# needs: log, disk

# why: an offset that jumps ahead is believed, but it is not nothing: the record has another offset
# shows: every batch is still at its place and offsets
open
append a
append b
append c
flip offset=1 field=magic
crash
open
append b
append c
flip offset=2 field=base_offset byte=7
crash
open
