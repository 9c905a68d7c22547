# SPDX-License-Identifier: MIT
# Without streams an id goes to the aggregate that declares one of its types; none: unclaimed; two: exit 2.
. "$ROOT/harness/tests/cli/history.inc"
{ event x 1 OrderCreated; event x 2 FileDeleted '"commit":"c"'; event n 1 Nothing; event f 1 FileDeleted '"commit":"c"'; } | into 00
status refold run --no-compare h -a "$order" -a "$AGGREGATES/file.so"
{ event x 1 OrderCreated; event x 2 Elsewhere; event n 1 Nothing; event f 1 FileDeleted '"commit":"c"'; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order" -a "$AGGREGATES/file.so"
sums r.json
tallies r.json
status refold run --no-compare -q -r json=r.json h -a "$order" -a "$AGGREGATES/case.so"
tallies r.json
