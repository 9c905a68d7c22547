# SPDX-License-Identifier: MIT
# An id's events with an aggregate name and those without it: the latter go to the aggregate that declares their types.
. "$ROOT/harness/tests/cli/history.inc"
{ flat file x 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}'; event x 1 OrderCreated; event x 2 OrderApproved; flat order x 3 OrderShipped; event y 1 OrderCreated; flat parcel y 1 Sent; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order" -a "$AGGREGATES/file.so"
sums r.json
tallies r.json
