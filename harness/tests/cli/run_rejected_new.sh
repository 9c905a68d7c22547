# SPDX-License-Identifier: MIT
# An event that apply refuses, and the golden knows nothing of it.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; life c 3; } | into 00
bless h -a "$order"
{ life a 3; life b 3 | sed 's/"Qty":2/"Qty":"two"/'; life c 3; event c 4 OrderPaid; event c 5 OrderShipped; event c 6 OrderDelivered; } | into 00
status refold run -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message \
    differences.*.suspect.basis differences.*.suspect.type clusters.*.kind clusters.*.samples
