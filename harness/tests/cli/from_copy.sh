# SPDX-License-Identifier: MIT
# A late copy of what a snapshot covers: nothing tells if it is equal, and that is said.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
{ event a 2 OrderItemAdded '"Qty":9,"PriceCents":250'; event a 3 OrderApproved; } | into 01
bless h -g early --until 2026-07-01T01 -a "$order"
status refold run --no-compare h --from early --since 2026-07-01T01 -a "$order"
status refold golden prove early h -a "$order"
