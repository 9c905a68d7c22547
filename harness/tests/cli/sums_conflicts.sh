# SPDX-License-Identifier: MIT
# Same version, other content: a conflict, damage; the first by key is folded, whatever the order of reading.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 01 2
{ event a 2 OrderItemAdded '"Qty":3,"PriceCents":250'; event b 2 OrderItemAdded '"Qty":2,"PriceCents":250' 2026-07-01T00:00:09Z; event b 2 OrderApproved; } | into 00 1
status refold bless -q h -a "$order"
status refold run --no-compare -r text -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.id damage.*.version damage.*.message damage.*.object
