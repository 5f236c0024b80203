# Two bytes that the checksum does not cover
# needs: log, disk

# Three batches, none of them flushed.
open
append a
append b
append c

# The magic, byte 16 of a batch, says which format the batch has. It stands before the checksum's range, which begins at byte 21.
flip offset=1 field=magic
crash

# Recovery knows one format only. So it cuts before b. The checksum was not even computed.
open
append b
append c

# The leader epoch, bytes 12 to 15, is written by the log as well. No rule of a single log says what it must be.
flip offset=1 field=partition_leader_epoch byte=3
crash

# All three batches are there, and one of them lies.
open
read from=0
