# Two producers write to one partition
# needs: broker

# Two shops send to the same partition, at the same time.
topic orders
producer north linger.ms=5
producer south linger.ms=5
send orders "north 1" "north 2" producer=north
send orders "south 1" "south 2" producer=south
wait 20ms

# Each shop's records are in the order in which it sent them. Which shop came first is decided at the broker, once.
show

# From then on it is the same for every reader, today and next year.
consume orders
