# SPDX-License-Identifier: MIT
# A golden in gzip stays one; its bytes tell of no time.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
member < golden/order.ndjson > golden/order.ndjson.gz
rm golden/order.ndjson
status refold run -q h -a "$order"
{ life a 2; life b 3; } | into 00
status refold bless -q h -a "$order"
ls golden
cp golden/order.ndjson.gz first
status refold bless -q h -a "$order"
cmp first golden/order.ndjson.gz
gzip -dc golden/order.ndjson.gz
status refold run -q h -a "$order"
flip -5 < first > golden/order.ndjson.gz
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.kind
bless h -a "$order"
cp first golden/order.ndjson
code refold run -q h -a "$order"
