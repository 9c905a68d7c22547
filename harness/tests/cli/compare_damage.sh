# SPDX-License-Identifier: MIT
# Damage in the history ends with 3, whatever the builds do; what could be compared was.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderShipped; life b 2; } | into 00
status refold compare "$order" "$order" h
other head.c 's/order->items++/order->items += 2/'
status refold compare -q "$order" head.c h -r json=r.json
pick r.json verdict exit changed damaged differences_total damage.*.kind
echo '{ "policy": { "gap": "count" } }' > refold.json
status refold compare -q "$order" head.c h
echo 'no record' | into 01
status refold compare -q "$order" "$order" h
status refold compare -q "$order" "$order" h --keep-partial
