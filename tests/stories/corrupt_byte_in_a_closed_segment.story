# Damage in a closed segment is found by whoever reads it
# needs: log, disk

# The first segment is full and closed when a bit in it turns over.
open segment.bytes=150
append a
append b
append c
flip offset=0 field=records byte=6
close

# Closed segments are not read when a log is opened. With terabytes of them that would take hours.
open

# Whoever reads the batch sees that its checksum is wrong, and gets an error with file and byte.
!read from=0

# Everything else is served.
read from=1
read from=2

# If the index is lost too, the segment must be read to make a new one. Then the damage is found at the start.
# A closed segment was flushed, so nothing is cut.
close
remove file=00000000000000000000.index
!open
