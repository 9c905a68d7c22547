# SPDX-License-Identifier: MIT
# The same twice gives the same bytes, and writes no file.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 5; } | into 00
bless h -a "$order"
cat golden/order.meta.json
touch -d 2020-01-01 golden/order.ndjson golden/order.meta.json
cp -r golden first
{ life b 5; life a 3; life a 1; } | into 00 7
rm "h/$(key 00 1)"
status refold bless -q -r json=r.json h -a "$order"
pick r.json blessed verdict exit
cmp golden/order.ndjson first/order.ndjson
cmp golden/order.meta.json first/order.meta.json
test ! golden/order.ndjson -nt first/order.ndjson && ls -A golden
