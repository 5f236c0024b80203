# Losing two
# why: one too many
# shows: │ 2
put a
put b
put c
put d
