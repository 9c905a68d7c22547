# SPDX-License-Identifier: MIT
# Damage of every kind: what could be read is listed, the rest is told, exit 3.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; event a 5 OrderShipped; } | into 00
{ event a 2 OrderItemAdded '"Qty":3,"PriceCents":250'; event a 1 OrderCreated; } | into 01
{ echo '{"t":"OrderPaid","d":{"Version":1,"At":"2026-07-01T00:00:00Z"}}'; event b 1 OrderCreated; } | into 02
life c 5 | member | head -c -5 | into 03
echo 'no events' | into 04
mkdir -p h/processing-failed/2026/07/01/00
echo '{"rawData":""}' > h/processing-failed/2026/07/01/00/failed
echo 'a note' > h/note.txt
status refold types h
listing h
pick r.json damaged nothing history.withdrawn history.listed damage.*.kind types.*.type types.*.conflicts
status refold types -q --keep-partial h
echo '{ "policy": { "gap": "warn", "conflict": "warn", "malformed": "count", "errors": "warn" } }' > refold.json
rm -r h/2026/07/01/03 h/2026/07/01/04
status refold types -q h
