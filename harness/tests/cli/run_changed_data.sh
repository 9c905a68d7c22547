# SPDX-License-Identifier: MIT
# Other events end in another state: changed, marked data.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; } | into 00
bless h -a "$order"
{ life a 3; life b 3 | sed s/250/300/; } | into 00
status refold run -r text -r json=r.json h -a "$order"
pick r.json differences.*.id differences.*.cause differences.*.changes differences.*.suspect.type
tallies r.json
