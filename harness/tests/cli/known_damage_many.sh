# SPDX-License-Identifier: MIT
# Of entries that fit nothing any more ten are named, and the others counted.
. "$ROOT/harness/tests/cli/history.inc"
for id in a b c d e f g h i j k l m; do event $id 1 OrderCreated; event $id 3 OrderPaid '"AmountCents":500'; done | into 00
bless -q h -a "$order" --accept-damage lost
for id in a b c d e f g h i j k l m; do life $id 3; done | into 00
status refold run -q -r json=r.json h -a "$order" --no-compare
