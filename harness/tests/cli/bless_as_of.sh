# SPDX-License-Identifier: MIT
# A bless with a selection by time replaces the lines that it folds, and leaves the others.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 5; life b 2; event c 1 OrderCreated '' 2026-07-02T00:00:00Z; } | into 00
bless h -a "$order"
status refold bless -q --as-of 2026-07-01T00:00:02Z -r json=r.json h -a "$order"
pick r.json blessed
sed 's/.*"id":"\([a-z0-9]*\)".*version":\([0-9]*\).*/\1 @\2/' golden/order.ndjson
cat golden/order.meta.json
status refold run -q -r json=r.json h -a "$order"
sums r.json
