# SPDX-License-Identifier: MIT
# In the golden, not in the history: a difference.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; life c 4; } | into 00
bless h -a "$order"
life b 3 | into 00
status refold run -r text -r json=r.json h -a "$order"
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version clusters.*.kind clusters.*.count
