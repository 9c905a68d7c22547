# SPDX-License-Identifier: MIT
# A refusal counts in an instance that no golden line knows.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
bless h -a "$order"
{ life a 3; life b 1; event b 2 OrderItemAdded; } | into 00
status refold run -q -r json=r.json h -a "$order"
tallies r.json
status refold run -q --no-compare h -a "$order"
