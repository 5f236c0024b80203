# A slow consumer slows nobody
# needs: broker

# One consumer takes two records at a time. The shop writes nine.
topic orders
consumer slow orders auto.offset.reset=earliest max.poll.records=2
produce orders a b c d e f g h i
poll slow

# Its next records are there already: it pulls ahead while the application works.
wait 1s
show

# The shop does not notice how slow it is. Nor does another reader.
produce orders j
consume orders

# It goes on where it was. Its position is its own; the broker does not know it.
poll slow
position slow
