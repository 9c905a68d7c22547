# SPDX-License-Identifier: MIT
# Every line of a golden, and what follows from it.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; life c 1; } | into 00
{ event a 3 OrderApproved; life d 1; } | into 01
bless h --until 2026-07-01T01 -a "$order"
status refold golden prove golden h -a "$order"
status refold golden prove golden h -q -r json=r.json -a "$order"
sums r.json
sed -i 's/"items":1/"items":4/' golden/order.ndjson
status refold golden prove golden h -a "$order"
status refold golden prove golden h -q --id c -a "$order"
rm golden/order.meta.json
status refold golden prove golden h -a "$order"
echo "-- the aggregate refuses what comes behind the hour, and nothing that a line tells"
rm -r h golden
{ life a 2; life b 3; } | into 00
{ event a 3 OrderItemAdded '"Qty":"many","PriceCents":1'; life e 1; event e 2 OrderItemAdded '"Qty":"many"'; } | into 01
bless h --until 2026-07-01T01 -a "$order"
status refold golden prove golden h -a "$order"
sed -i '1s/"items":1/"items":4/' golden/order.ndjson
status refold golden prove golden h -a "$order"
