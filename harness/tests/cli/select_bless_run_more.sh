# SPDX-License-Identifier: MIT
# A run may select more than the bless did: what lies behind is beyond, new instances are unblessed.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
{ event a 3 OrderApproved; life b 1; } | into 01
bless --until 2026-07-01T01 h -a "$order"
cat golden/order.meta.json
status refold run -q -r json=r.json h -a "$order"
sums r.json
tallies r.json
