# A topic is deleted and made anew
# needs: broker

topic orders
produce orders "paid 10"
produce orders "paid 7"
delete orders
!produce orders "paid 3"

# The new one has the old one's name and nothing else of it.
topic orders
produce orders "paid 1"
show
