# SPDX-License-Identifier: MIT
# A refusal of the golden that is gone is a change.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 3 OrderPaid; life b 2; } | into 00
bless h -a "$order"
{ life a 2; event a 3 OrderPaid '"AmountCents":1'; life b 2; } | into 00
status refold run -r text -r json=r.json h -a "$order"
pick r.json differences.*.id differences.*.kind differences.*.cause differences.*.message
