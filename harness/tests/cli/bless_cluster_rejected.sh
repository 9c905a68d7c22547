# SPDX-License-Identifier: MIT
# A refusal that is accepted is written with what was said of it, and with the state before it: then it is the same.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; } | into 00
bless h -a "$order"
{ event a 3 OrderShipped; event a 4 OrderApproved; event b 4 OrderPaid '"AmountCents":500'; event b 5 OrderLost; } | into 01 2
status refold bless -q --dry-run -r json=r.json h -a "$order"
pick r.json clusters.*.kind clusters.*.count differences.*.id differences.*.message
for key in $(python3 -SEc 'import json; print(*(c["key"] for c in json.load(open("r.json"))["clusters"]))'); do
    status refold bless -q --cluster "$key" h -a "$order"
done
cat golden/order.ndjson
status refold run -q h -a "$order"
