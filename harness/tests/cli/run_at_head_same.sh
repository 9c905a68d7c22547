# SPDX-License-Identifier: MIT
# A later event that leaves the state alone is no difference at head.
. "$ROOT/harness/tests/cli/history.inc"
life a 4 | into 00
bless h -a "$order"
{ life a 4; event a 5 OrderPaid '"AmountCents":1' 2026-07-01T00:00:04Z; } | into 00
status refold run -q --at-head h -a "$order"
