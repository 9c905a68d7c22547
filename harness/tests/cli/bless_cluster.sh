# SPDX-License-Identifier: MIT
# One cluster of several is accepted, by a front of its key: only its lines change, and why is kept beside them.
. "$ROOT/harness/tests/cli/history.inc"
changed() { diff before golden/order.ndjson | grep '^[<>]' | sed 's/"events":"[0-9a-f]*",//; s/"createdAt[^}]*"status/…"status/' || true; }
{ for id in a b c d; do life $id 3; done; for id in e f; do life $id 2; done; life g 4; life x 1; } | into 00
bless h -a "$order"
golden_edit '/"id":"[abcd]"/s/"approved"/"paid"/; /"id":"[ef]"/s/"totalCents":500/"totalCents":700/'
rm -r h
# d has other events than those that were blessed, a has newer ones; g is refused, n is new, x is gone
{ for id in b c; do life $id 3; done; life a 4; life d 3 | sed 's/"Qty":2,"PriceCents":250/"Qty":1,"PriceCents":500/'
  for id in e f; do life $id 2; done; life g 4; event g 5 OrderPaid; life n 2; } | into 00
cp golden/order.ndjson before
echo '# code and data of one cluster; the version stays that of the golden'
status refold bless --cluster 59bc --reason 'approved is right: "paid" came too early' h -a "$order"
changed
ls golden
status refold run -q h -a "$order"
echo '# removed, added, refused: three at once'
cp golden/order.ndjson before
status refold bless --cluster f99a2ef8003a20a2 --cluster 5858 --cluster bd h -a "$order"
changed
cat golden/order.reviews.jsonl
echo '# the rest'
status refold run -q h -a "$order"
echo '# the same once more: there is no such cluster any more'
status refold bless -q --cluster 59bc h -a "$order"
