# SPDX-License-Identifier: MIT
# A whole history; one that is only odd; folders in another time zone; events without versions, folders without hours.
. "$ROOT/harness/tests/cli/history.inc"
for day in 01 02 03 04 05 06; do
    for hour in 00 01 02 03; do
        if [ "$day $hour" = "05 02" ]; then continue; fi
        mkdir -p "h/2026/07/$day/$hour"
        event "o-$day-$hour" 1 OrderCreated '' "2026-07-${day}T$hour:30:00Z" > "h/2026/07/$day/$hour/x.json"
    done
done
status refold doctor h
mkdir "h/2026/07/05/02"
event late 1 OrderCreated '' "2026-07-01T00:30:00Z" > "h/2026/07/05/02/x.json"
status refold doctor h
mkdir zone
for hour in 05 06 07; do
    mkdir -p "zone/2026/07/01/$hour"
    event "o-$hour" 1 OrderCreated '' "2026-07-01T0$((${hour#0} - 2)):30:00Z" > "zone/2026/07/01/$hour/x.json"
done
status refold doctor zone
echo '{"aggregateId":"a","type":"Seen","at":0}' > x.json
status refold doctor x.json
echo "-- a copy of what nothing tells from another event is folded twice; with event ids it is not"
mkdir -p twice/copy same/copy
cp x.json twice/ && cp x.json twice/copy/
status refold doctor -q twice
event versioned 1 OrderCreated '' "2026-07-01T00:30:00Z" > twice/versioned.json
status refold doctor -q twice
rm twice/versioned.json
cp "h/2026/07/01/00/x.json" twice/versioned.json && cp twice/versioned.json twice/copy/
rm twice/copy/x.json
status refold doctor -q twice
echo '{"eventId":"e","aggregateId":"a","type":"Seen","at":0,"data":{}}' > same/x.json
cp same/x.json same/copy/
status refold doctor -q -e id=/aggregateId,type=/type,at=/at,eid=/eventId,data=/data same
echo "-- what a copy is called until it is whole has Firehose's name"
name=orders-1-2026-07-01-05-12-09-0f8fad5b-d9cb-469f-a165-70867728950e.gz.9aF1bC2d
: > "zone/2026/07/01/05/$name"
status refold doctor -q zone
head -c 300 /dev/zero > "zone/2026/07/01/05/$name"
status refold doctor -q zone
