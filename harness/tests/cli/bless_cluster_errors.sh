# SPDX-License-Identifier: MIT
# A key that fits none or several clusters, or one that cannot be accepted, writes nothing.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 2; life c 2; } | into 00
bless h -a "$order"
echo '# nothing differs'
status refold bless -q --cluster 1 h -a "$order"
golden_edit '/"id":"a"/s/"approved"/"paid"/; /"id":"b"/s/"totalCents":500/"totalCents":700/'
{ life a 3; life b 2; life n 1; event m 1 OrderPaid; } | into 00
cp golden/order.ndjson before
echo '# none'
status refold bless --cluster 00 h -a "$order"
status refold bless -q --cluster "no
key" h -a "$order"
echo '# several'
status refold bless -q --cluster 5 h -a "$order"
echo '# a good key beside a bad one accepts nothing'
status refold bless -q --cluster 59bc --cluster 00 h -a "$order"
echo '# a crash has no state'
rm -r h
event segv-first 1 Added '"By":1' | into 00
status refold bless -q --dry-run -r text -r json=r.json h -a "$crasher"
status refold bless -q --cluster "$(sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p' r.json)" h -a "$crasher"
cmp before golden/order.ndjson && ls golden
echo '# words that do not go together'
status refold bless --reason so h -a "$order"
status refold bless --review --cluster 1 h -a "$order"
status refold bless --cluster 1 --reason "$(printf '\377')" h -a "$order"
status refold bless --cluster 1 --reason --dry-run h -a "$order"
status refold bless --ignore /items h -a "$order"
status refold bless --at-head h -a "$order"
status refold run --cluster 1 h -a "$order"
status refold run --review h -a "$order"
status refold bless --cluster= h -a "$order"
REFOLD_IGNORE=/items status refold bless -q --dry-run h -a "$crasher"
CI=1 status refold bless -q --cluster 1 h -a "$order"
