# SPDX-License-Identifier: MIT
# With all of the history the events that a snapshot covers are held against its hash.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event b 1 OrderCreated; } | into 00
event a 3 OrderApproved | into 01
bless h -g early --until 2026-07-01T01 -a "$order"
bless h -a "$order"
status refold run h --from early -r json=r.json -r text -a "$order"
sums r.json
{ life a 1; event a 2 OrderItemAdded '"Qty":3,"PriceCents":250'; } | into 00
status refold run h --from early -a "$order"
