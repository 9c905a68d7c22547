# SPDX-License-Identifier: MIT
# Duplicates are dropped and counted, wherever they come from; white space, the order of keys, an escape, and the way
# in which an instant is written do not make another event.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; event a 2 OrderItemAdded '"PriceCents":250,"Qty":2'; } | into 00 1
{
    echo '{ "d": {"Version":3, "At":"2026-07-01T00:00:03Z", "I\u0044":"a"}, "t":"OrderApproved" }'
    flat order b 1 OrderCreated '{"n":[1,{}]}'
    flat order b 1 OrderCreated '{ "n" : [ 1, { } ] }' 2026-07-01T02:00:01.000+02:00
    flat order b 1 OrderCreated '{"n":[1,{}]}' 2026-07-01T00:00:01Z
} | into 01 2
bless h -a "$order"
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage_total
