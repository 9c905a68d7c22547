# SPDX-License-Identifier: MIT
# --at-head compares the last state.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; } | into 00
bless h -a "$order"
{ life a 5; life b 3; } | into 00
status refold run -q h -a "$order"
status refold run --at-head -q -r json=r.json h -a "$order"
pick r.json differences.*.id differences.*.version differences.*.changes
tallies r.json
sums r.json
