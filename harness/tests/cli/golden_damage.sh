# SPDX-License-Identifier: MIT
# Damage of every kind to a golden is 3, and named.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order"
cp golden/order.ndjson good
try() {
    echo "== $1"
    status refold run -q -r json=r.json h -a "$order" > end
    tail -n 1 end
    pick r.json damage.*.kind damage.*.offset damage.*.message
    cp good golden/order.ndjson
}
head -c -1 good > golden/order.ndjson; try 'no line feed at the end'
head -c 300 good > golden/order.ndjson; try 'cut in a line'
{ sed -n 1p good; sed -n 3p good; sed -n 2p good; } > golden/order.ndjson; try 'out of order'
sed -n '1p;1p;2p;3p' good > golden/order.ndjson; try 'an id twice'
{ sed -n 1p good; echo '======='; sed -n '2,3p' good; } > golden/order.ndjson; try 'a merge marker'
sed '2s/"version":2/"version":"2"/' good > golden/order.ndjson; try 'a version that is none'
sed '2s/"id":"b",//' good > golden/order.ndjson; try 'no id'
sed '2s/"state"/"stale"/' good > golden/order.ndjson; try 'an unknown member'
sed '2s/,"version":2}/,"version":2/' good > golden/order.ndjson; try 'no brace at the end'
sed '2s/^/\n/' good > golden/order.ndjson; try 'an empty line'
: > golden/order.ndjson; try 'an empty file'
rm golden/order.ndjson; try 'only the meta file'
try 'as it was'
