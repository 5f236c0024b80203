# A slow consumer slows nobody
# needs: broker

# The shop writes nine records. A consumer takes two at a time.
topic orders
(produce orders a b c d e f g h i)
consumer slow orders auto.offset.reset=earliest max.poll.records=2
poll slow

# The rest is there already: it reads ahead while the application works.
wait 1s

# The shop does not notice how slow it is. Nor does another reader.
produce orders j
consume orders

# It goes on where it was. Its position is its own; the broker does not know it.
poll slow
position slow
