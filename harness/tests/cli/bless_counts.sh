# SPDX-License-Identifier: MIT
# Added, changed, unchanged and removed are counted, with numbers that differ.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in u1 u2 u3 u4 c1 c2 c3 r1 r2; do life $id 2; done; } | into 00
bless h -a "$order"
{ for id in u1 u2 u3 u4 n1; do life $id 2; done; for id in c1 c2 c3; do life $id 3; done; } | into 00
status refold bless -r text -r json=r.json h -a "$order"
pick r.json blessed
status refold run -q h -a "$order"
sed 's/.*"id":"\([a-z0-9]*\)".*version":\([0-9]*\).*/\1 @\2/' golden/order.ndjson
