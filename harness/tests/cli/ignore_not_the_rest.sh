# SPDX-License-Identifier: MIT
# What is ignored in the state hides neither other events nor a refusal.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; event c 1 OrderPaid; } | into 00
bless h -a "$order"
{ life a 2 | sed s/250/251/; life b 2; event b 3 OrderPaid; event c 1 OrderPaid '"AmountCents":1'; } | into 00
status refold run -q --ignore '/*' -r json=r.json h -a "$order"
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.cause
