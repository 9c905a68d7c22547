# SPDX-License-Identifier: MIT
# A golden of an instance of which every event was skipped holds the empty state: it is compared when they are folded.
. "$ROOT/harness/tests/cli/history.inc"
event a 1 OrderCreated | into 00
life b 2 | into 00 2
config() { printf '{ "aggregates": { "order": { "plugin": "%s"%s } }%s }\n' "$order" "$1" "${2:-}" > refold.json; }
skipping=', "skip": [ { "type": "OrderCreated", "reason": "no" } ]'
config "$skipping"
status refold bless h
cat golden/order.ndjson
status refold run -q h
config ""
status refold run -q -r json=r.json h
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.cause differences.*.message
# One that claims a state which no order begins with.
config "$skipping"
sed -i 's/"items":0/"items":7/' golden/order.ndjson
config ""
status refold run -q -r json=r.json h
pick r.json differences.*.id differences.*.cause
# A history that lost the front, where gaps are let pass: changed, as its events are.
rm -r golden h
life a 1 | into 00
config ""
status refold bless -q h
rm -r h
life a 2 | sed 1d | into 00
config "" ', "policy": { "gap": "warn" }'
status refold run -q -r json=r.json h
tallies r.json
pick r.json differences.*.id differences.*.cause
