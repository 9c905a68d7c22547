# SPDX-License-Identifier: MIT
# What was read from an object that proves broken at its end is withdrawn; --keep-partial keeps it, and the exit stays 3.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00 1
{ event a 3 OrderApproved; event b 1 OrderCreated; event a 4 OrderPaid '"AmountCents":500'; } | member > z
head -c -6 z | into 01 2
status refold run --no-compare -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json damage.*.kind history.first history.last
status refold run --no-compare -q --keep-partial -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json damage.*.kind history.first history.last
