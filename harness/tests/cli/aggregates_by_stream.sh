# SPDX-License-Identifier: MIT
# Streams say which aggregate an object's events are of; the first match holds.
. "$ROOT/harness/tests/cli/history.inc"
{ event x 1 OrderCreated; event y 1 OrderCreated; } | into 00 1 orders-eu
{ event x 1 FileDeleted '"commit":"c"'; } | into 00 2 files
{ event x 1 Opened; event x 2 Closed; } | into 00 3 cases
cat > refold.json << 'END'
{ "streams": [ { "match": "orders-*", "aggregate": "order" }, { "match": "f*", "aggregate": "file" },
               { "match": "*", "aggregate": "claim", "envelope": "eventsource" } ] }
END
status refold bless -q -r json=r.json h -a "$order" -a "$AGGREGATES/file.so" -a "$AGGREGATES/case.so"
ls golden
cat golden/claim.ndjson
sums r.json
tallies r.json
status refold run -q h -a "$order" -a "$AGGREGATES/file.so" -a "$AGGREGATES/case.so"
status refold run -q -r json=r.json h -a "$order"
sums r.json
tallies r.json
