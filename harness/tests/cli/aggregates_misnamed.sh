# SPDX-License-Identifier: MIT
# A name of no aggregate that is loaded does nothing, in the config or in --ignore: a warning.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
echo '{"aggregates":{"ordre":{"ignore":["/updatedAt"]}}}' > refold.json
status refold run --no-compare -q h -a "$order" --ignore odrer:/x --ignore order:/y --ignore /z -r json=r.json
pick r.json warnings
echo '{"aggregates":{"parcel":{"skip":[{"type":"X","reason":"so"}]},"file":{"plugin":"file.so"}}}' > refold.json
status refold run --no-compare -q h -a "$order"
echo 'behind an aggregate that takes all'
status refold run --no-compare -q h -a "$order" -a "$AGGREGATES/case.so" --ignore odrer:/x
echo 'a name that no golden can have: kept files end so'
rm -r h refold.json
{ flat parcel a 1 Sent; flat parcel b 1 Sent; flat parcel.pending c 1 Sent; flat parcel d 1 Sent; } | into 00
status refold run --no-compare -q h -a "$AGGREGATES/case.so"
status refold bless h -a "$AGGREGATES/case.so"
echo '{"streams":[{"match":"*","aggregate":"parcel.pending"}]}' > refold.json
status refold run --no-compare -q h -a "$AGGREGATES/case.so"
