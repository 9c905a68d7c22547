# SPDX-License-Identifier: MIT
# fault: 5
# A golden that is packed may be a bomb too: it ends at the limits of objects, and nothing of it is believed.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
mv golden/order.ndjson lines
try() {
    echo "== $1"
    shift
    status refold run -q -r json=r.json "$@" h -a "$order" > end
    tail -n 1 end
    pick r.json damage.*.kind damage.*.message
    status refold golden verify -q
}
{ cat lines; head -c 40000000 /dev/zero; } | gzip -n > golden/order.ndjson.gz; try 'more than 500 times its size'
try 'more than an object may hold' --limit object=1M,ratio=1000000
gzip -nc lines > golden/order.ndjson.gz; try 'the lines'
