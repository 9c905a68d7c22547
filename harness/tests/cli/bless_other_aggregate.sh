# SPDX-License-Identifier: MIT
# A bless leaves the goldens of aggregates that are not loaded alone; a run names them, their lines are uncompared.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; flat file f 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}'; flat file g 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}'; } | into 00
bless h -a "$order" -a "$AGGREGATES/file.so"
cp golden/file.ndjson before
rm "h/$(key 00)"
life a 3 | into 00
status refold bless -q -r json=r.json h -a "$order"
pick r.json blessed
cmp golden/file.ndjson before
status refold run -q -r json=r.json h -a "$order"
tallies r.json
rm golden/order.*
code refold run h -a "$order"
