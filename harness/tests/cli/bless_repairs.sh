# SPDX-License-Identifier: MIT
# A golden that is damaged is written anew by a bless of everything; with a selection its damage is 3.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
cp golden/order.ndjson good
echo '<<<<<<< HEAD' >> golden/order.ndjson
cp golden/order.ndjson bad
status refold bless -q --id a h -a "$order"
status refold bless -q --as-of 2026-08-01T00:00:00Z h -a "$order"
cmp bad golden/order.ndjson
status refold bless -q h -a "$order"
cmp good golden/order.ndjson
