# SPDX-License-Identifier: MIT
# Several sources are one history: folders, a file, and standard input; a copy in both is a duplicate.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
bless h -a "$order"
mv h one
{ event a 3 OrderApproved; event a 4 OrderPaid '"AmountCents":1'; } | into 00 1
mv h two
event a 5 OrderShipped > file.json
event a 6 OrderDelivered | status refold run -q -r json=r.json one two file.json - -a "$order"
sums r.json
tallies r.json
cp -R one copy
status refold run -q -r json=r.json one copy/ -a "$order"
sums r.json
