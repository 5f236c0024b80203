# The log can set the times itself
# needs: log

# The clock of a producer can be anything. With LogAppendTime the log overrules it.
open message.timestamp.type=LogAppendTime
wait 100s
append a@5s b@999s

# The records stay as they are. A bit in the header says that all of them have its latest time, which is the log's.
read from=0

# This changes bytes that the checksum covers, so the checksum is made anew. No other setting does that.
header offset=0

# All times come from one clock now, so they ascend with the offsets.
wait 10s
append c@1s
lookup time=101s
