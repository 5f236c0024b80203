# Retention by size deletes the oldest segments as a whole
# needs: log

# Two batches of 70 bytes fit into a segment. At least 200 bytes of log are to be kept.
open segment.bytes=150 retention.bytes=200
append a key=x
append b key=y
append c key=x
append d key=y
append e key=x
append f key=y
append g key=x
show

# These are 490 bytes. Without the first segment 350 are left, and without the second 210.
# Without the third it would be 70, which is less than 200. So that one stays.
retain
show

# A reader that comes too late is told so. It can go on where the log starts now.
!read from=0
read from=4

# The counts are as they were. The records that made them are gone, and the state is not.
count

# It even survives a restart, as it starts from a snapshot.
close
open
count
