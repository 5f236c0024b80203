# Losing none
# why: the shelf is not full
# shows: │ 0
put a
put b
