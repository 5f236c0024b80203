# A record that is larger than a reader wants to fetch
# needs: broker

# One record is larger than what the consumer asks for at a time.
topic orders
produce orders "a record of some words, a few more than the eighty bytes that the consumer asks for"
produce orders "a short one"
consumer small orders auto.offset.reset=earliest max.partition.fetch.bytes=80

# It gets the first batch whole, whatever its size. Otherwise it would ask for it for ever.
poll small
poll small
