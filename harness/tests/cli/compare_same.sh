# SPDX-License-Identifier: MIT
# Two builds that do the same: 0, and the counts; without a golden, and without looking at one.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 5; life b 2; } | into 00
cp "$order" other.so
status refold compare "$order" other.so h
status refold compare "$order" "$order" -r json=r.json -q h
tallies r.json
sums r.json
pick r.json verb verdict differences_total differences
mkdir golden
echo 'no golden at all' > golden/order.ndjson
status refold compare -q "$order" other.so h
ls
