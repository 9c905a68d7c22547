# SPDX-License-Identifier: MIT
# A type that the config skips is passed over, its version taken; a copy of it is a duplicate all the same.
. "$ROOT/harness/tests/cli/history.inc"
cat > refold.json << 'END'
{ "aggregates": { "order": { "skip": [ { "type": "OrderViewed", "reason": "noise" }, { "type": "OrderPaid", "reason": "a test" } ] } } }
END
{ life a 2; event a 3 OrderViewed; event a 3 OrderViewed; event a 4 OrderPaid; event a 5 OrderShipped; event a 6 OrderLost; event a 7 OrderViewed; event a 8 OrderShipped; event v 1 OrderViewed; } | into 00
status refold bless -q -r json=r.json h -a "$order"
cat golden/order.ndjson
sums r.json
tallies r.json
status refold run -q h -a "$order"
