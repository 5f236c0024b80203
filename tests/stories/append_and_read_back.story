# A log takes records at its end and gives them back by offset
# needs: log

# The folder is empty, so the log begins at offset 0.
open

# Each record gets the next offset. The answer says which.
append "paid 10" key=alice
append "paid 7" key=bob

# Several records can travel in one batch. Their offsets follow each other.
append "paid 3" "paid 4" "paid 5" key=alice

# A reader says where to start. It gets what comes from there on, in the order in which it was appended.
read from=0

# It can come back to any offset. Reading takes nothing away.
read from=1

# Offset 3 lies inside a batch, and batches are stored and sent whole.
# So the reader gets offset 2 as well, and skips it.
read from=3

# At the end there is nothing yet. That is no error, as the next record will be there.
read from=5

# Beyond the end there will be other records first.
!read from=6

# All of this is one file, with one batch after the other.
show

# The log keeps a state that follows from its records. Here it is a count for each key.
count
