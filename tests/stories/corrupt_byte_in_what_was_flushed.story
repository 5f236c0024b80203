# Damage in what was flushed is reported, and nothing is cut
# needs: log, disk

# Three records are flushed, and a checkpoint says so. A fourth is not.
open
append a
append b
append c
flush
checkpoint
append d

# One bit turns over in the value of b, and the process dies.
flip offset=1 field=records byte=6
crash

# A crash cannot do this to what was flushed. The disk has lost what it promised to keep.
# Cutting here would remove two good records behind the bad one, and another machine may have a copy of b.
# So the log does not open. It says which byte of which file is wrong.
!open

# Nothing was changed.
show

# Somebody restores the file: the bit turns back. Now the log opens with all that it had.
flip offset=1 field=records byte=6
open
read from=0
