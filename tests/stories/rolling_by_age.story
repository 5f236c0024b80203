# An old segment is closed, even if it is almost empty
# needs: log

# Retention deletes whole segments. A segment that never closes would keep its oldest record for ever.
# So a segment may be 60 seconds old at most.
open segment.ms=60s
append a time=100s
append b time=160s

# The next record is 61 seconds later than the first one of the segment.
append c time=161s
show

# The time in the records counts, and not the clock of the machine, which stands still in this story.
# So a copy of the log rolls where the log did, however fast it is copied.
append d time=500s
show
