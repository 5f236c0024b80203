# A log can start inside a segment, and even inside a batch
# needs: log, disk

open segment.bytes=250
append a key=x
append b c d key=y
append e key=x
append f key=x

# Everything before offset 2 is to go. Its segment holds later records too, so only the start of the log moves.
delete-before offset=2
show

# Readers are told what they can have. The batch that reaches across the start is still sent whole.
!read from=1
read from=2

# Now the start lies behind the last record of the first segment. So that segment goes.
delete-before offset=5
show

# The start is written down before anything is deleted. So it survives a crash.
crash
open
!read from=4
