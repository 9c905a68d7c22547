# SPDX-License-Identifier: MIT
# Without a selection, lines whose instance is gone go.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
life b 2 | into 00
status refold bless -q -r json=r.json h -a "$order"
pick r.json blessed
cat golden/order.ndjson
