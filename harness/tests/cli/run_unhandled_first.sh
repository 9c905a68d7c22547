# SPDX-License-Identifier: MIT
# An instance whose first event has no handler is rejected at that version.
. "$ROOT/harness/tests/cli/history.inc"
{ life b 2; event x 1 OrderLost; event x 2 OrderLost; event x 3 OrderCreated; } | into 00
status refold bless -q h -a "$order"
cat golden/order.ndjson
status refold run -r json=r.json -q h -a "$order"
sums r.json
