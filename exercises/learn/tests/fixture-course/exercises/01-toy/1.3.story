# Losing a thing
put a
put b
put c
