# SPDX-License-Identifier: MIT
# Changed by data and by code in one cluster: how many of them the history made is said.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order"
golden_edit '/"id":"[ab]"/s/"totalCents":500/"totalCents":600/'
{ life a 2; life b 2; life c 2 | sed s/250/300/; life d 2; } | into 00
status refold run -r text -r json=r.json h -a "$order"
pick r.json clusters.*.count clusters.*.from clusters.*.to differences.*.id differences.*.cause
