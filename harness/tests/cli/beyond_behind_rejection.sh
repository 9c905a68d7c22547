# SPDX-License-Identifier: MIT
# Beyond begins above the golden's version, also where the fold ends earlier now: by a refusal, by an unknown type.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 4; life b 4; life c 4; } | into 00
bless h -a "$order"
{
    life a 4 | sed s/OrderItemAdded/OrderLost/; event a 5 OrderShipped; event a 6 OrderDelivered
    life b 4 | sed 's/"Qty":2/"Qty":"2"/'; event b 5 OrderShipped
    life c 4; event c 5 OrderLost
} | into 00
status refold run -q -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.version
