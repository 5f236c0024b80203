# What a topic may be
# needs: broker

# A name becomes the name of a folder. So there are rules.
topic orders-2026.eu_west partitions=2
!topic "orders/../secrets"
!topic ".."
!topic orders-2026_eu.west

# There is one broker, and so there can be one copy.
!topic payments replicas=2
!topic payments partitions=0
!topic orders-2026.eu_west

# Settings are judged before anything is made.
!topic payments retention.ms=soon
!topic payments retention.minutes=10

# What is not there cannot grow, nor be deleted.
!grow payments to=3
!delete payments
