# SPDX-License-Identifier: MIT
# Over damage nothing is accepted, be it of the history or of the golden: lines of it would stay.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
sed -i '/"id":"a"/s/500/700/' golden/order.ndjson
cp -r golden before
event b 4 OrderApproved | into 01
status refold bless --cluster 802b h -a "$order"
status refold bless -q --dry-run h -a "$order"
rm -r h/2026/07/01/01
echo '# cut short'
life b 1 | into 00
status refold bless -q --cluster 802b h -a "$order"
{ life a 2; life b 2; } | into 00
diff -r before golden && echo "golden untouched"
echo '# a damaged golden'
echo '<<<<<<< HEAD' >> golden/order.ndjson
cp golden/order.ndjson damaged
status refold bless -q --cluster 802b h -a "$order"
cmp damaged golden/order.ndjson && echo "golden untouched"
echo '# a bless of all would write it anew'
status refold bless -q --dry-run h -a "$order"
cmp damaged golden/order.ndjson && echo "golden untouched"
echo '# no event that matches'
rm -r h golden
cp -r before golden
flat file z 1 FileAdded | into 00
code refold bless -q --cluster 802b h -a "$order"
