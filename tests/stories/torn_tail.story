# A batch that is torn at the end of the log is cut off
# needs: log, disk

open
append a
append b

# Two records are flushed, and two more are not.
flush
append c
append d

# The power fails. The system had begun to write its cache out: all of c, and the first 20 bytes of d.
power-failure keep=138..227
show

# d is not whole, so it goes. c was never flushed, and is there by luck.
open

# The log goes on where it ends now. No byte of the torn batch is left behind the new one.
append e
read from=0
show
