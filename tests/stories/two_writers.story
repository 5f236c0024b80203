# A folder has one writer at a time
# needs: log, disk

open
append a

# Two processes that append to one file would overwrite each other's end. So the second one may not start.
# It is told which process has the folder. The number is another one in each run, so it is left out here.
!open-second

# The lock is the process's own. The system gives it back however the process ends, and there is no file to clean up.
crash
open
read from=0
