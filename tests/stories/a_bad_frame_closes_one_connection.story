# Somebody comes to the wrong door
# needs: broker

topic orders
producer shop
produce orders "paid 10" producer=shop

# A web browser connects to the broker. Its first four bytes, read as a length, are more than a gigabyte.
raw "GET / HTTP/1.1"

# A stranger sends a frame that is no request.
raw hex=0000000568656c6c6f

# Both lost their own connection, and the log says why. The shop did not notice.
produce orders "paid 7" producer=shop
show
