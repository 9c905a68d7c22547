# SPDX-License-Identifier: MIT
# The config's source, skipped types, limits and first version hold for both; its plugins are put aside.
. "$ROOT/harness/tests/cli/history.inc"
other head.c 's/status = STATUS_APPROVED/status = STATUS_PAID/'
{ life a 5; event a 6 OrderViewed; } | into 00
cat > refold.json << 'JSON'
{ "source": ["h"], "aggregates": { "order": { "plugin": "nowhere.so",
  "skip": [ { "type": "OrderViewed", "reason": "noise" }, { "type": "OrderApproved", "reason": "a test" } ] } } }
JSON
status refold compare -q "$order" head.c -r json=r.json
sums r.json
sed -i 's/, { "type": "OrderApproved", "reason": "a test" }//' refold.json
status refold compare -q "$order" head.c -r json=r.json
sums r.json
