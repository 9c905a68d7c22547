# SPDX-License-Identifier: MIT
# A type that the aggregate does not declare ends the fold there: unhandled, rejected.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 3 OrderLost; event a 4 OrderPaid '"AmountCents":1'; event a 5 OrderLost; life b 2; } | into 00
status refold bless -q h -a "$order"
cat golden/order.ndjson
status refold run -r json=r.json h -a "$order"
sums r.json
tallies r.json
{ life b 2; event b 3 OrderLost; } | into 00
status refold run -q -r json=r.json h -a "$order"
tallies r.json
