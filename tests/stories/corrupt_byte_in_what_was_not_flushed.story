# After a crash, a log is cut at the first batch that does not hold
# needs: log, disk

open
append a
append b
append c

# One bit turns over in the value of b.
flip offset=1 field=records byte=6
show

# After a crash, the end of a log can be anything. So it is read, and cut at the first batch that does not hold.
# c goes with b, though nothing is wrong with it: offsets may have gaps, and a log with a and c would look whole.
# Neither of them was flushed. So nobody was told that they would survive.
crash
open
read from=0
