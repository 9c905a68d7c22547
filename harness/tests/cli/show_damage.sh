# SPDX-License-Identifier: MIT
# What is wrong with an instance's history, and what may hold events of it but could not be read.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
{ event a 2 OrderItemAdded '"Qty":2,"PriceCents":250'; event a 3 OrderCancelled; event a 6 OrderShipped; } | into 01
status refold show a h -a "$order"
status refold show -q a h -a "$order"
status refold show --json a h -a "$order" | sed -n '/"instances"/,/"history"/p; /"damage_total"/,$p'
rm -r h
life a 2 | into 00
{ event a 3 OrderApproved; life w 2; } | member | head -c -5 | into 01
{ echo '{"no":"event"}'; life c 1; } | into 02
status refold show a h -a "$order"
status refold show --at 2 -q a h -a "$order"
status refold show --keep-partial -q a h -a "$order"
status refold show w h -a "$order"
status refold show x h -a "$order"
echo '{"policy": {"malformed": "warn"}}' > refold.json
rm h/"$(key 01)"
status refold show -q a h -a "$order"
