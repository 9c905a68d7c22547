# SPDX-License-Identifier: MIT
# "first" in the config is the first version; one below it is malformed.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 0 OrderCreated; event a 1 OrderApproved; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
echo '{ "aggregates": { "order": { "first": 0 } } }' > refold.json
status refold bless -q -r json=r.json h -a "$order"
sums r.json
cat golden/order.ndjson
event b 1 OrderCreated | into 01
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.id damage.*.version damage.*.message
