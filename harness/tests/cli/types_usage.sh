# SPDX-License-Identifier: MIT
# Bad usage: 2, before anything is read; with --json it is told there too.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
status refold types
listing --dot h
status refold types -r json h
status refold types --golden g h
status refold types --last-day 2026-12-31 h
status refold types --typ OrderPaid h
status refold types --type '' h
status refold types --type
status refold types --since 2026-07-01 h
status refold types -e nosuch h
status refold types -a no.so h
status refold types -a "$order" -a "$order" h
status refold types nowhere
status refold types --dot nowhere
listing nowhere
pick r.json exit nothing error types_total types history.objects
status refold types -x h
