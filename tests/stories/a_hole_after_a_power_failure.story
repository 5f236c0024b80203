# A later write can survive without an earlier one
# needs: log, disk

# What is not flushed is written out in any order.
open
append a
flush
append b
append c

# The system had written c out, and not yet b, when the power failed. Zeros stand where b was.
power-failure keep=138..207
show

# c is whole, and its checksum holds. It goes all the same.
# Offsets may have gaps. A log with a and c would look whole, and nobody would know that there was a b.
open
show
