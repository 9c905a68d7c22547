# SPDX-License-Identifier: MIT
# All lines missing: nothing is the same, and the verdict is sound.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; } | into 00
bless h -a "$order"
life c 3 | into 00
status refold run -q -r json=r.json h -a "$order"
tallies r.json
