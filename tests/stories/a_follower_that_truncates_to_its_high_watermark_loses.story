# A record is lost that was safe: truncation to the high watermark
# This is how Kafka did it before KIP-101. A follower that starts again cuts its log at its own high watermark, as what lies
# beyond may not be committed. But its high watermark is an old one.
# needs: cluster
(cluster brokers=2 fetch=by-hand truncation=to-high-watermark restart=keeps-place)
(topic orders partitions=1 replicas=2)

# Both brokers have both records, and the leader knows it: they are committed. A consumer sees them.
(produce orders "paid 10" "paid 7")
(fetch broker=2)
fetch broker=2
consume orders

# Broker 2 learns that they are committed with the answer to that. A third record is copied, and committed with the question
# after it. The answer to that question is under way when broker 2 dies: here, its cable is cut just before.
(produce orders "paid 5")
(fetch broker=2)
cut from="broker 1" to="broker 2"
(fetch-without-answer broker=2)
show

# Broker 2 starts again, so quickly that the controller takes it for in sync as before. It cuts its log at its high watermark.
(kill broker=2)
(start broker=2)
show

# Before it has asked for anything, the leader dies. Broker 2 is in sync, as far as the controller knows, and leads.
(kill broker=1)
(wait 2s)
show
consume orders
