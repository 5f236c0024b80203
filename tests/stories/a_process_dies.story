# A process that dies loses nothing
# needs: log, disk

# Nothing is flushed in this story. That is Kafka's default.
open
append a
append b
append c

# What was written lies in the page cache of the operating system. The cache does not die with the process.
crash
show

# So all three records are there again. The log could not know that before it had read them.
open
read from=0
