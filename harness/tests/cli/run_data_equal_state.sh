# SPDX-License-Identifier: MIT
# A state that is equal although its events are not those that were blessed is changed, with no changes.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 4; life b 4; } | into 00
bless h -a "$order"
{ life a 4; life b 4 | sed 's/"AmountCents":500/"AmountCents":501/'; } | into 00
status refold run -r text -r json=r.json h -a "$order"
pick r.json differences.*.id differences.*.cause differences.*.changes differences.*.message
tallies r.json
