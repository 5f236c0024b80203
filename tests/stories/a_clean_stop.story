# A clean stop saves the next start its work
# needs: log, disk

open segment.bytes=210
append a key=x
append b key=x
append c key=y
append d key=x

# To stop in order, the log is flushed and its fold is saved. Then the folder gets a mark that says so.
close
show

# The mark is believed, so nothing is verified, and nothing is replayed.
# It is taken away at once, so that it cannot speak of a stop that has not happened yet.
open
append e key=y

# After a crash there is no mark. The last segment is read, and the others were flushed before it began.
# The fold starts from its newest snapshot, which is the one of the clean stop, and learns what came later.
crash
open
count
