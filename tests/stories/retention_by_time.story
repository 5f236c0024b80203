# A log loses its front, and never its middle
# needs: log

# Two batches fit into a segment. A segment goes when its latest record is more than 60 seconds old.
open segment.bytes=150 retention.ms=60s
append a time=10s
append b time=20s
append c time=300s
append d time=30s
append e time=40s
append f time=50s

# At 80s, b is 60 seconds old, and not more.
wait 80s
retain

# A second later it is, and its segment goes.
wait 1s
retain
show

# The next segment has a record of 300s, from a producer whose clock was fast. The one behind it has only old records.
# But it is not at the front. So it waits until the one before it goes.
wait 200s
retain

# At 361s, even 300s is too old. A log always has an active segment, so an empty one begins before the others go.
wait 80s
retain
show

# An offset is never given twice by retention. The log goes on where it ended.
append g time=361s
