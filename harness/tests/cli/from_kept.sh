# SPDX-License-Identifier: MIT
# What came early is kept beside the golden, goes on with it, and closes the gap.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 1; event a 3 OrderApproved; event b 2 OrderApproved; } | into 00
event a 2 OrderItemAdded '"Qty":2,"PriceCents":250' | into 01
event b 1 OrderCreated | into 02
status refold bless h -g day --until 2026-07-01T01 -a "$order"
cat day/order.pending.ndjson
status refold bless h -g day --from day --since 2026-07-01T01 --until 2026-07-01T02 -a "$order"
cat day/order.pending.ndjson
status refold bless h -g whole -a "$order"
status refold run h -g whole --from day --since 2026-07-01T02 -a "$order"
# Cut, gone, or of another golden: not one of its events is lost in silence.
try() { code refold run h -g whole --from day --since 2026-07-01T02 -a "$order"; }
cp day/order.pending.ndjson kept
sed -i 's/Approved/Shipped/' day/order.pending.ndjson
try
rm day/order.pending.ndjson
try
cp kept day/order.pending.ndjson
sed -i 's/"pending":{[^}]*},//' day/order.meta.json
reseal day/order.meta.json
try
