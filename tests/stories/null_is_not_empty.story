# Null is not empty
# needs: log

# A key and a value.
open
append hello key=alice

# An empty value is a text without characters. It is data.
append "" key=alice

# No value at all is null. Compaction will understand it as "forget alice".
append key=alice

# It is the same with keys. This record has an empty key, and the next one has none.
append hello key=""
append hello
read from=0

# In the file, an empty text has the length 0, and null has the length -1. A fold that counts by key sees two keys.
count
