# A reader begins in the middle of a batch
# needs: broker

# Three records in one batch.
topic orders
producer shop linger.ms=10
send orders a b c producer=shop
wait 50ms
show

# For a reader the broker opens no batch. It sends the whole one, and the reader skips what it does not want.
consumer c orders
seek c orders-0 to=1
poll c
