# SPDX-License-Identifier: MIT
# An event counts in the first term that fits.
. "$ROOT/harness/tests/cli/history.inc"
cat > refold.json << 'END'
{ "aggregates": { "order": { "skip": [ { "type": "OrderViewed", "reason": "noise" } ] } } }
END
# withdrawn before unselected and unclaimed, and its gap is not there: 4
{ life z 1; flat parcel a 1 Sent; event a 1 OrderCreated; event a 9 OrderCreated; } | member | head -c -4 | into 00 1
# unselected before unclaimed, duplicates and conflicts: 5
{ flat parcel z 1 Sent; life z 1; life z 1; event z 1 OrderPaid; event z 5 OrderViewed; } | into 01 2
# unclaimed before duplicates: 2
{ flat parcel a 1 Sent; flat parcel a 1 Sent; } | into 02 3
# folded 1, then a refusal 1, skipped 1, behind it a copy, a conflict, an unknown type 1 and the rest 1 unfolded
{ life a 1; event a 2 OrderPaid; event a 3 OrderViewed; event a 4 OrderPaid; event a 4 OrderPaid; event a 4 OrderShipped; event a 5 OrderLost; } | into 03 4
status refold run --no-compare -q --id a -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind
