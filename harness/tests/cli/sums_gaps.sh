# SPDX-License-Identifier: MIT
# Gaps are counted by place, and are damage; the instance is folded nevertheless.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 2 OrderCreated; event a 3 OrderApproved; event a 7 OrderShipped; event b 1 OrderCreated; event b 3 OrderShipped; } | into 00
status refold run --no-compare -r text -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.id damage.*.version damage.*.message
tallies r.json
