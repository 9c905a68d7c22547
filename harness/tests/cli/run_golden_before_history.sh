# SPDX-License-Identifier: MIT
# Where the front of an instance is lost the golden in front of it is compared with the empty state: a gap, 3, and changed.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
life a 5 | sed 1,2d | into 01 2
life b 2 | into 00 3
mv h/2026/07/01/01 later
bless h -a "$order"
mv later h/2026/07/01/01
rm "h/$(key 00 1)"
status refold run -q -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json damage.*.kind damage.*.id damage.*.message differences.*.id
