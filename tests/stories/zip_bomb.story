# A small batch that would fill the memory is refused
# needs: log

open
append a

# A few bytes of zstd say "128 KiB of zeros", and the batch repeats them 8,192 times. Decompressed it has 1 GiB.
# The log looks into what producers send. It stops decompressing at 64 MiB, and refuses the batch.
!append-bomb expands-to=1GiB

# Nothing of it was written, and the log goes on.
append b
show
