# A broker that stops answers what it has taken
# needs: broker

topic orders
producer shop linger.ms=0
send orders "paid 10" "paid 7" producer=shop

# The records are on their way when the broker is told to stop.
wait 2ms
stop
wait 10ms

# Whoever comes later finds nobody.
send orders "paid 3" producer=shop
wait 100ms

# What was acknowledged is there after the start.
start
show
