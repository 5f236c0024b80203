# Two bytes that the checksum does not cover
# needs: log, disk

# why: after a clean stop nothing is read, so everything goes unnoticed
# shows: the second flip is looked at by recovery
open
append a
append b
append c
flip offset=1 field=magic
crash
open
append b
append c
close
flip file=00000000000000000000.log byte=206
open
