# SPDX-License-Identifier: MIT
# A part of a history: by hour, by time, by id, by type; from the environment it is said.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 5; } | into 00
life c 4 | into 05
status refold types -q --until 2026-07-01T05 h
status refold types -q --as-of 2026-07-01T00:00:02Z h
status refold types -q --id a --id c h
printf 'a\nb\n' > ids
status refold types -q --ids ids h
status refold types --type OrderPaid --type OrderShipped --id b h
REFOLD_TYPE=OrderPaid REFOLD_ID=b status refold types -q h
# Under --until a gap may only be late.
event d 2 OrderPaid | into 04
status refold types --until 2026-07-01T05 -q h
status refold types -q h
