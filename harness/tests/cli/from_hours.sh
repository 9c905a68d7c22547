# SPDX-License-Identifier: MIT
# No hour may lie between what a snapshot holds and what is read.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
event a 3 OrderApproved | into 01
event a 4 OrderPaid '"AmountCents":500' | into 02
bless h -g one --until 2026-07-01T01 -a "$order"
bless h -g two --until 2026-07-01T02 -a "$order"
bless h -a "$order"
try() { status refold run -q h "$@" -a "$order"; }
try --from one --since 2026-07-01T01
try --from two --since 2026-07-01T01
try --from one --since 2026-07-01T02
try --from two --until 2026-07-01T01
try --from two --since 2026-07-01T02 --until 2026-07-01T02
try --from golden --since 2026-07-01T02 -g one
try --from one --since 2026-07-01T00:30:00Z
# A bless of some does not move the hour, nor does one that cuts by time keep it.
bless h -g one --until 2026-07-01T02 --id a -a "$order"
try --from one --since 2026-07-01T02
bless h -g two --as-of 2026-07-01T00:00:02Z --id a -a "$order"
try --from two --since 2026-07-01T02
try --from two
