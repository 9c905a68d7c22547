# SPDX-License-Identifier: MIT
# Under --until a missing version may only be late: the instance ends before it, what lies behind is unselected, and no damage.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 5 OrderShipped; event a 4 OrderPaid '"AmountCents":500'; event a 4 OrderPaid '"AmountCents":500'; event b 2 OrderShipped; life c 1; } | into 00
{ event a 3 OrderApproved; event b 1 OrderCreated; event a 4 OrderPaid '"AmountCents":500'; } | into 01
status refold bless --until 2026-07-01T01 -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
cat golden/order.ndjson golden/order.meta.json
status refold run -q --until 2026-07-01T01 -r json=r.json h -a "$order"
tallies r.json
status refold run -q -r json=r.json h -a "$order"
sums r.json
tallies r.json
