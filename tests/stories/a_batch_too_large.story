# The log bounds the size of a batch
# needs: log

# A batch is moved and held as a whole, by every broker and every reader. So there is a bound.
open max.message.bytes=100
append a
!append "this value is a little longer than the others are"

# The bound is on the batch as it is stored. So a value that compresses well can be longer.
append "ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha" compression=lz4
show
