# A record that is too large
# needs: broker

# The producer has a limit, and the topic has one.
topic orders max.message.bytes=120
producer shop max.request.size=200

# Beyond the producer's limit nothing is sent. The caller is told at once.
!produce orders "a record of many words, many more words than anybody would want to read, and more of them to come, until it is longer than the two hundred bytes that this producer may send in one request" producer=shop

# Beyond the topic's limit it is the broker that refuses.
!produce orders "a record of some words, a few more than the hundred and twenty bytes that this topic allows" producer=shop

# What comes after it is not held up.
produce orders "a short one" producer=shop
show
