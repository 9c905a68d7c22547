# SPDX-License-Identifier: MIT
# An edited golden is compared, with a warning.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
sed -i '/"id":"b"/s/"status":"created"/"status":"lost"/' golden/order.ndjson
status refold run -q -r json=r.json h -a "$order"
pick r.json differences.*.id differences.*.cause
