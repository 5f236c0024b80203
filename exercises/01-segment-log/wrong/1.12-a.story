# Two bytes that the checksum does not cover
# needs: log, disk

# why: the field `crc` is not covered by itself, and yet it is the checksum that notices
# shows: another rule than the checksum notices the first flip
open
append a
append b
append c
flip offset=1 field=crc
crash
open
append b
append c
flip offset=1 field=partition_leader_epoch byte=3
crash
open
