# A time leads to the first record of that time or later
# needs: log

# Producers set the times, and their clocks differ. So times jump: c is earlier than b, and h is earlier than g.
open index.interval.bytes=100
append a time=10s
append b time=30s
append c time=20s
append d time=25s
append e time=40s
append f time=50s
append g time=60s
append h time=55s

# (30s, +1) in the time index says: offset 1 has 30s, and no record up to there is later.
# So the times in the index ascend, though those in the log do not.
show

# The time index says that there is nothing of 55s or later up to offset 4. The offset index says where that is.
# From there on it is a walk.
lookup time=55s

# An entry of exactly this time leads to its record.
lookup time=60s

# Here d is nearer, with 25s. But b is the first that is not earlier than 22s, and the first is what counts.
lookup time=22s

# Whoever reads on from b meets c, of 20s. A lookup by time finds a start, and does not sort.
read from=1

# No record is that late.
lookup time=61s
