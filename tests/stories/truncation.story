# Truncation takes back the end of a log, and the fold forgets with it
# needs: log

# A follower does this when it has records that its new leader never had.
open segment.bytes=300
append a key=x
append b c d key=y
append e key=x
append f key=x
append g key=y
show
count

# Back to offset 5, which lies in the first segment. The second one goes, and the first is active again.
truncate to=5
show
count

# Back to offset 2, which lies inside a batch. One checksum covers all of a batch, so it cannot be cut.
# It goes as a whole, and the log ends before the offset that was asked for.
truncate to=2
show

# A fold cannot take a record back. The log starts it anew, from a snapshot if one lies before the cut, and replays the rest.
count

# Offset 1 is given again, to another record.
append h key=x
read from=0
count
