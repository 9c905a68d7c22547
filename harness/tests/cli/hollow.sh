# SPDX-License-Identifier: MIT
# An object of nothing under a name that promises events is read, and told: a copy that broke off looks so.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
event b 1 OrderCreated | into 01
status refold bless h -q -a "$order"
: | into 02
status refold run h -a "$order"
printf "" | member | into 03
mkdir -p h/_temporary
: > h/_temporary/0
: > 'h/a_$folder$'
printf '[]' | into 04
status refold run h -q -r json=r.json -a "$order"
pick r.json history.read history.hollow exit
echo "== from a pack, and of shards put together, the same"
status refold pack h -q -o h.pack
status refold run h.pack -q -r json=p.json -a "$order"
pick p.json history.hollow
for k in 1 2; do refold run h -q --shard $k/2 -r json=$k.json -a "$order" > shard 2>&1; done
status refold merge 1.json 2.json
echo "== every look at it"
status refold ls h
refold ls --json h | grep -A1 '"hollow"\|"odd_names"' || true
status refold doctor h
status refold doctor -q h
refold doctor --json h > d.json 2> err || true
pick d.json history.hollow exit
status refold types h -q
status refold cat h
echo "== one that the user named is no other, and one that broke in transit is damage as ever"
: > orders.ndjson
status refold run orders.ndjson -q --no-compare -a "$order"
echo "== a named one promises something whatever it is called, as standard input does; what tools write beside objects does not"
rm -r h h.pack golden
life a 3 | into 00
refold bless h -q -a "$order" > blessed
: > x.events
status refold run h x.events -q -r json=r.json -r tap=r.tap -a "$order"
pick r.json history.hollow exit
cat r.tap
printf "" | status refold run h - -q -r json=r.json -a "$order"
pick r.json history.hollow
status refold pack h x.events -q -o h.pack
status refold run h.pack -q -r json=p.json -a "$order"
pick p.json history.hollow
status refold ls h x.events
status refold doctor -q h x.events
status refold doctor -q h - < x.events
: > h/2026/07/01/00/_SUCCESS
: > h/notes
status refold run h -q -a "$order"
echo "== odd names: ls and run tell of the same"
rm -r h
life a 1 > x.ndjson
mkdir -p h/2026/07/01/00
life b 1 > h/2026/07/01/00/part-0.json
life c 1 > h/notes
status refold ls h x.ndjson
status refold run h x.ndjson --no-compare -a "$order"
