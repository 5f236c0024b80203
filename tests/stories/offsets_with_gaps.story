# Offsets ascend, and may have gaps
# needs: log

# Compaction removes records, and the others keep their offsets. A follower copies what is left, with the gaps.
# The first batch was once 0 to 4. Of the second, which was 10 to 14, one record is left. There is no batch for 5 to 9.
open segment.bytes=210
replicate 0=a 3=d last=4
replicate 12=m last=14
replicate 20=u
show

# Offset 1 is gone. The reader gets its batch, and the next record in it is 3.
read from=1

# Offset 7 is in no batch. The walk ends at the first one that reaches as far.
lookup offset=7
read from=7

# For offset 16 there is nothing in the segment that should have it. The walk goes on in the next one.
lookup offset=16
read from=16

# The next offset comes after the range of the last batch. Counting records would give 4.
append v

# Copies come in order too. One that starts before the end of the log is refused.
!replicate 5=f
