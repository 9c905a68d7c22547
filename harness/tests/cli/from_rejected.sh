# SPDX-License-Identifier: MIT
# An instance that was refused stays refused; what lies behind is kept, and never a gap.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 1; event a 2 OrderItemAdded; event a 3 OrderApproved; life b 1; } | into 00
{ event a 4 OrderShipped; event b 2 Mystery; } | into 01
event b 3 OrderShipped | into 02
bless h -g day --until 2026-07-01T01 -a "$order"
cat day/order.ndjson
bless h -a "$order"
status refold run -q h --from day --since 2026-07-01T01 -r json=r.json -a "$order"
sums r.json
bless h -g day --from day --since 2026-07-01T01 --until 2026-07-01T02 -a "$order"
status refold bless -q h -g late --from day --since 2026-07-01T02 -a "$order"
cmp golden/order.ndjson late/order.ndjson
