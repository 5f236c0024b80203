# The checksum does not cover the first 21 bytes of a batch
# needs: log, disk

open
append a
append b
append c

# The log writes the offset into a batch that a producer has signed. So the checksum cannot cover the offset.
# One bit of it turns over, and b says that it is at offset 0.
flip offset=1 field=base_offset byte=7

# Another rule finds it: offsets ascend.
crash
open

# The length is not covered either: to compute the checksum, one must know how long the batch is.
# One bit of it turns over, and b says that it is longer than the file.
append b
append c
flip offset=1 field=batch_length byte=1
crash
open

# Not everything is found. One bit turns over in the offset of the last batch, and c says that it is at offset 3.
# That is a gap like others, so the log believes it.
append b
append c
flip offset=2 field=base_offset byte=7
crash
open
read from=2
