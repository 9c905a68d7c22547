# SPDX-License-Identifier: MIT
# The same refusal at the same version is the same.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; event b 1 OrderItemAdded; life c 2; event c 3 OrderPaid; event c 4 OrderShipped; } | into 00
status refold bless h -a "$order"
cat golden/order.ndjson
status refold run -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
