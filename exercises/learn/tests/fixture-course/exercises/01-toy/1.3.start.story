# Losing a thing
put a
