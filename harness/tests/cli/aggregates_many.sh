# SPDX-License-Identifier: MIT
# Three aggregates, one history, one id: three instances.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; } | into 00 1 orders
{ flat file a 1 FileAdded '{"blob":"b1","mode":"100644","commit":"c1"}'; flat file a 2 FileModified '{"blob":"b2","commit":"c2"}'; } | into 00 2 files
{ flat case a 1 Opened; flat ticket a 1 Opened; flat ticket a 2 Shut; flat ticket a 3 Opened; flat order b 1 OrderCreated; } | into 00 3 cases
echo '{ "streams": [ { "match": "orders", "aggregate": "order" } ] }' > refold.json
all="-a $order -a $AGGREGATES/file.so -a $AGGREGATES/case.so"
status refold bless -q h $all
cat golden/case.ndjson golden/file.ndjson golden/ticket.ndjson
status refold run -q h $all
golden_edit 's/"path":"Opened"/"path":"Shut"/' case
golden_edit 's/"changes":2/"changes":4/' file
status refold run -q -r json=r.json h $all
tallies r.json
pick r.json differences.*.aggregate differences.*.id clusters.*.aggregate clusters.*.event
