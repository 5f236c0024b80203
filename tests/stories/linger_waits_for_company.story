# A batch waits for company, but not for long
# needs: broker

# The producer may wait 20 milliseconds for more records, until a batch has 150 bytes.
topic orders
producer shop linger.ms=20 batch.size=150

# One record waits.
send orders "paid 10" producer=shop
show

# More come within the time, and share its batch.
wait 10ms
send orders "paid 7" "paid 3" producer=shop
wait 15ms
show

# A full batch does not wait.
send orders "a long order, much longer than a line" "and another one that is as long as it" producer=shop
wait 3ms
show
