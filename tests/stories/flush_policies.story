# The flush policy decides what a power failure takes
# needs: log, disk

# Kafka's default is no policy: the operating system writes its cache out when it likes. Here it had no time for that.
open
append a
append b
power-failure

# Both were answered, and both are gone. Kafka bears that, as other machines have copies.
# A log without copies can flush more often. This one does so when three records wait.
open flush.messages=3
append a
append b
append c
append d
power-failure

# d is gone. Two records can be lost this way, and no more.
# The next policy goes by time: it flushes when a record has waited for 10 seconds.
open flush.ms=10s
append d
wait 9s
wait 1s
append e
power-failure

# e is gone. It had not waited long enough.
# The last policy flushes before each answer. So an answer is a promise, and each append waits for the disk.
open flush.messages=1
append e
append f
power-failure

# Nothing is gone.
open
read from=0
