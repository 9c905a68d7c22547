# SPDX-License-Identifier: MIT
# The meta file: another digest is a hand's edit, a warning; none is unsealed; damage is 3.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
cp golden/order.meta.json meta
status refold run -q h -a "$order"
sed -i 's/"items":1/"items":7/' golden/order.ndjson
status refold run -q h -a "$order"
sed -i 's/"items":7/"items":1/' golden/order.ndjson
rm golden/order.meta.json
status refold run -q h -a "$order"
sed 's/"format":1/"format":99/' meta > golden/order.meta.json
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.message
sed 's/"aggregate":"order"/"aggregate":"file"/' meta > golden/order.meta.json
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.message
echo '{' > golden/order.meta.json
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.message
