#!/bin/sh
# BOOTSTRAP=host:port ./run.sh
set -eu
broker=${BOOTSTRAP:-127.0.0.1:9092}
topic=orders-kcat

# One record a line; the key stands before the colon.
printf '%s\n' 'customer-1:{"order":1}' 'customer-2:{"order":2}' 'customer-3:{"order":3}' |
    kcat -b "$broker" -P -t $topic -K: -X acks=all

# From the beginning; -e ends at the end of the topic.
kcat -b "$broker" -C -t $topic -o beginning -e -q -f 'partition %p offset %o: %k %s\n'

# Where the log ends, and who leads what.
kcat -b "$broker" -Q -t "$topic:0:-1"
kcat -b "$broker" -L -t $topic
