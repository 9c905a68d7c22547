# SPDX-License-Identifier: MIT
# The envelope flat, and an aggregate name in the record.
. "$ROOT/harness/tests/cli/history.inc"
{ flat order a 1 OrderCreated; flat order a 2 OrderItemAdded '{"Qty":1,"PriceCents":7}'; flat file a 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}'; } | into 00
status refold bless -q h -a "$order" -a "$AGGREGATES/file.so"
cat golden/order.ndjson golden/file.ndjson
status refold run -q -e flat -r json=r.json h -a "$order" -a "$AGGREGATES/file.so"
sums r.json
tallies r.json
pick r.json history.envelopes
status refold run -q -e eventsource -r json=r.json h -a "$order"
sums r.json
