# Two bytes that the checksum does not cover
# needs: log, disk

# Three batches, none of them flushed.
open
append a
append b
append c

# The first flip. This byte is covered, so the checksum notices. Choose another one.
flip offset=1 field=records byte=3
crash

# Recovery cuts before the batch that it does not believe.
open
append b
append c

# The second flip belongs here. Nobody must notice it.
crash
open
read from=0
