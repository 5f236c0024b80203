# A consumer was away for too long
# needs: broker

# Small segments, and little is kept: two batches fit into a segment, and 100 bytes of log are to be kept.
broker log.retention.check.interval.ms=1s
topic orders segment.bytes=150 retention.bytes=100

# Three consumers have read the first two records.
consumer careful orders auto.offset.reset=none
consumer old orders auto.offset.reset=earliest
consumer new orders auto.offset.reset=latest
seek careful orders-0 to=beginning
seek old orders-0 to=beginning
seek new orders-0 to=beginning
produce orders a
produce orders b
(poll careful)
(poll careful)
(poll old)
(poll old)
(poll new)
(poll new)
position old

# They stop. Records come, and the broker deletes what is old.
pause careful orders-0
pause old orders-0
pause new orders-0
produce orders c
produce orders d
produce orders e
produce orders f
produce orders g
wait 2s
show

# They come back. The record that they want next is gone. What now? That is a setting, auto.offset.reset.
resume careful orders-0
resume old orders-0
resume new orders-0

# none: it is an error, and stays one until somebody decides.
!poll careful

# earliest: from the first record that is left. What lies between was missed, and nobody says so.
poll old

# latest: from the end. Everything until now was missed.
poll new
position new
produce orders h
poll new
