# SPDX-License-Identifier: MIT
# A dry run of a close finds the events that are kept beside it, as the close did: nothing would change.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; event b 1 OrderCreated; event b 3 OrderPaid; } | into 00
status refold bless -q h -a "$order" --until 2026-07-01T01
cat golden/order.pending.ndjson | wc -l
status refold bless h -a "$order" --until 2026-07-01T01 --dry-run
status refold bless h -a "$order" --until 2026-07-01T01
