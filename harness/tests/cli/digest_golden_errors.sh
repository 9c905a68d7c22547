# SPDX-License-Identifier: MIT
# What is refused of digest goldens, and what is damage of theirs.
. "$ROOT/harness/tests/cli/history.inc"
facts() { find golden -type f -exec stat -c '%n %Y %i' {} + -exec cksum {} + 2>&1 | sort; }
same() { if [ "$(facts)" = "$kept" ]; then echo "golden untouched"; else echo "golden CHANGED"; fi; }
{ for id in a b c; do life $id 3; done; } | into 00
echo '# a golden with its lines stays one until it is removed'
bless h -a "$order"
kept=$(facts)
status refold bless -q --digest h -a "$order"
same
rm golden/*
bless --digest h -a "$order"
kept=$(facts)
echo '# both at once'
echo '{}' > golden/order.meta.json
status refold run -q h -a "$order"
rm golden/order.meta.json
echo '# a part of what differs: by id only'
status refold bless -q --cluster 00 h -a "$order"
status refold bless -q --digest --cluster 00 -g new h -a "$order"
echo '# a bless writes lines into a folder'
echo > file
status refold bless -q --lines file h -a "$order"
status refold bless -q --lines s3://bucket/lines h -a "$order"
mkdir closed
: > closed/order
status refold bless -q --digest -g new --lines closed h -a "$order"
ls -A new 2>/dev/null || echo "no folder is left"
echo '# lines elsewhere that cannot be read'
other bug.c 's/order->items++/order->items += event->version/'
status refold run -q --lines nowhere h -a bug.c
status refold run -q --lines file h -a bug.c
status refold run -q --lines nowhere --id a h -a "$order"
status refold run -q --lines https://localhost:1/lines h -a bug.c
same
echo '# a file of lines that is not what was blessed'
cp -r golden whole
for f in golden/.lines/order/*; do gzip -dc "$f" | member | flip -6 > new; mv new "$f"; done
status refold run h -a bug.c
code refold run -q h -a "$order"
rm -r golden
cp -r whole golden
gzip -dc golden/.lines/order/01f-*.gz | sed s/500/501/ | gzip -nc > other
for f in golden/.lines/order/01f-*; do cp other "$f"; done
status refold run --id a h -a "$order"
rm -r golden
cp -r whole golden
echo '# a manifest that is not as it was written'
sed -i 's/,1\]/,2]/' golden/order.digest.json
status refold run h -a "$order"
code refold bless -q --id a h -a "$order"
sed 's/$/\r/' whole/order.digest.json > golden/order.digest.json
status refold run h -a "$order"
sed 's/"aggregate":"order"/"aggregate":"other"/' whole/order.digest.json > golden/order.digest.json
status refold run -q h -a "$order"
echo '{"format":2}' > golden/order.digest.json
status refold run -q h -a "$order"
echo '<<<<<<<' > golden/order.digest.json
status refold run -q h -a "$order"
echo '# a bless of all mends it'
status refold bless -q h -a "$order"
cmp golden/order.digest.json whole/order.digest.json
echo '# the aggregate is not loaded'
status refold run h -a "$AGGREGATES/file.so"
echo '# an aggregate whose name is no file name'
mkdir names
{ flat ../../evil i 1 Do; flat fine i 1 Do; } > names/events.json
status refold bless -q --digest -g deep/new -e flat -a "$AGGREGATES/case.so" names
find . -name '*evil*' -o -name deep
