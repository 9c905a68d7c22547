# SPDX-License-Identifier: MIT
# Events that no loaded aggregate claims are told by their aggregate's name; one that nearly is a loaded one's is asked about.
. "$ROOT/harness/tests/cli/history.inc"
{ flat order a 1 OrderCreated; flat Order b 1 OrderCreated; flat Order b 2 OrderApproved; flat orders c 1 OrderCreated; } | into 00
{ flat or-der d 1 OrderCreated; flat ordre e 1 OrderCreated; flat basket f 1 Filled; flat stock g 1 Counted; } | into 01
event h 1 Unheard | into 02
status refold bless h -a "$order"
status refold run h -v -a "$order" 2> /dev/null | grep unclaimed
status refold run h -q -r json=r.json -a "$order" 2> /dev/null
pick r.json history.unclaimed history.unclaimed_aggregates warnings
echo "== shards, put together, say the same"
for k in 1 2 3; do status refold run h -q --shard $k/3 -r json=$k.json -a "$order" 2> err; grep -v warning err || true; done
refold merge 3.json 1.json 2.json -r json=m.json > merged
refold run h -r json=r.json -a "$order" > whole
cmp merged whole
sed 's/"timing.*//' m.json > m; sed 's/"timing.*//' r.json > r
cmp m r
echo "== --id, --until and --as-of count what they select"
status refold run h --id b -a "$order" | grep unclaimed
status refold run h --until 2026-07-01T01 -a "$order" | grep unclaimed
status refold run h --as-of 2026-07-01T00:00:01Z -a "$order" | grep unclaimed
echo "== nobody is asked about words that are only short"
rm -r h golden
{ flat order a 1 OrderCreated; flat odor b 1 OrderCreated; flat card c 1 OrderCreated; } | into 00
status refold bless h -a "$order"
echo "== an aggregate with other names in its events: the types tell; those of one that shares but some do not"
rm -r h golden
{ flat com.acme.Order a 1 OrderCreated; flat com.acme.Order b 1 OrderCreated; flat com.acme.Order b 2 OrderApproved; } | into 00
{ flat stock c 1 OrderCreated; flat stock c 2 Counted; flat stock d 1 OrderCreated; } | into 01
status refold run h --no-compare -a "$order" -r json=r.json
pick r.json history.unclaimed_aggregates
for k in 1 2 3; do status refold run h -q --no-compare --shard $k/3 -r json=$k.json -a "$order" 2> err; done
status refold merge 3.json 1.json 2.json -r json=m.json > /dev/null
sed 's/"timing.*//' m.json > m; sed 's/"timing.*//' r.json > r
cmp m r
echo "== one that has events of its own may share types with another, unless unclaimed ones matter"
flat order e 1 OrderCreated | into 02
status refold run h -q --no-compare -a "$order"
echo '{"policy":{"unclaimed":"warn"}}' > refold.json
status refold run h -q --no-compare -a "$order"
