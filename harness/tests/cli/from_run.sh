# SPDX-License-Identifier: MIT
# What goes on from a snapshot ends as what begins at the beginning, and is compared like it.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; event c 1 OrderCreated; } | into 00
{ event a 2 OrderItemAdded '"Qty":2,"PriceCents":250'; event a 3 OrderApproved; life d 2; } | into 01
bless h -g early --until 2026-07-01T01 -a "$order"
cat early/order.meta.json
bless h -a "$order"
status refold run h --from early --since 2026-07-01T01 -r json=r.json -r text -a "$order"
sums r.json
# The past need not be there any more.
rm -r h/2026/07/01/00
status refold run -q h --from early --since 2026-07-01T01 -a "$order"
# A next day closes on the day before.
status refold bless h -g late --from early --since 2026-07-01T01 --until 2026-07-01T02 -a "$order"
cmp golden/order.ndjson late/order.ndjson
cat late/order.meta.json
# Another code makes another state of what came since.
golden_edit 's/approved/paid/'
status refold run h --from early --since 2026-07-01T01 -a "$order"
# A golden of the hour that was closed is compared with the snapshots, which prove no code.
cp -r early closed
other bug.c 's/order->items++/order->items += 2/'
status refold run h -g closed --from early --since 2026-07-01T01 -r json=r.json -r text -a bug.c
pick r.json verdict aggregates.0.compared aggregates.0.as_snapshot history.idle
# Nor is anything folded where all that is read is covered.
rm -r h/2026/07/01
{ life a 2; life b 3; event c 1 OrderCreated; } | into 00
status refold run -q h -g closed --from early -a bug.c
status refold run -q h --no-compare --from early -a bug.c
status refold bless -q h -g next --from early -a bug.c
# One that was folded is enough: how many were not is said.
event c 2 OrderItemAdded '"Qty":2,"PriceCents":250' | into 01
bless h -g golden -a "$order"
status refold run -q h --from early --since 2026-07-01T01 -r json=r.json -a "$order"
pick r.json aggregates.0.compared aggregates.0.as_snapshot history.idle
