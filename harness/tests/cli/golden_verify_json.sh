# SPDX-License-Identifier: MIT
# The same for programs; it fits its schema, whatever stands in the files (oracle: care_verify).
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
status refold golden verify --json
sed '2s/"version":2/"version":"2"/' golden/order.ndjson > edited
cp edited golden/order.ndjson
status refold golden verify --json
status refold golden verify --json nowhere
