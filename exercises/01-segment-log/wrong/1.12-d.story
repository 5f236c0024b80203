# Two bytes that the checksum does not cover
# needs: log, disk

# why: the leader epoch is in the first place, where recovery must notice
# shows: recovery notices the first flip
open
append a
append b
append c
flip offset=1 field=partition_leader_epoch
crash
open
flip offset=1 field=partition_leader_epoch
crash
open
