# SPDX-License-Identifier: MIT
# Without versions, events of one second go by its fractions, wherever they lie.
. "$ROOT/harness/tests/cli/history.inc"
v() { printf '{"aggregateId":"%s","type":"%s","at":"2026-07-01T00:00:00.%sZ","data":{%s},"id":"%s"}\n' "$@"; }
{ v a OrderPaid 5 '"AmountCents":500' e4; v a OrderApproved 25 '' e3; } | into 00 1
v a OrderItemAdded 000000002 '"Qty":2,"PriceCents":250' e2 | into 00 2
v a OrderCreated 000000001 '' e1 | into 00 3
status refold bless -q -r json=r.json h -a "$order"
sums r.json
cat golden/order.ndjson
