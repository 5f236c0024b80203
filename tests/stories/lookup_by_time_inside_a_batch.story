# A lookup by time finds the record, and not only its batch
# needs: log

# One batch, three records, three times. The header of the batch has the latest of them.
open
append a@10s b@30s c@20s

# The header says that the batch has a record of 20s or later. To find out which, the batch must be opened.
lookup time=20s

# Now the log starts in the middle of this batch. The record of 30s is still in the file, and no longer in the log.
append d@21s
delete-before offset=2

# So the batch is opened in vain, and the walk goes on.
lookup time=21s

# And for 30s there is nothing any more.
lookup time=30s
