# SPDX-License-Identifier: MIT
# Of a digest golden too; and files with lines that no manifest names any more, in a step of their own.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order" --digest
life a 2 | into 00
status refold golden prune h -a "$order"
status refold golden verify
# What has nearly such a name, or is no file, is nobody's lines, and stays.
for name in README 001 001-0123 'fff-0123456789abcdef.ndjson.gz' '001-0123456789abcdef.ndjson' '001-0123456789ABCDEF.ndjson.gz'; do
    : > "golden/.lines/order/$name"
done
mkdir golden/.lines/order/001-0123456789abcdef.ndjson.gz
ln -s /dev/null golden/.lines/order/002-0123456789abcdef.ndjson.gz
status refold golden prune --old-lines --dry-run
status refold golden prune --old-lines
status refold golden prune --old-lines
status refold golden verify
status refold run -q h -a "$order"
ls golden/.lines/order | LC_ALL=C sort | grep -v '^[01].*-.*[0-9a-f]\{16\}[.]ndjson[.]gz$'
: > none; status refold golden prune --old-lines --lines none
(cd golden/.lines/order; rm -rf README 001* 002* fff*)
mv golden/.lines lines
status refold golden verify --lines lines
status refold golden verify
life b 2 | into 00
status refold golden prune h -a "$order"
status refold golden prune --old-lines -g nowhere
file=$(echo lines/order/*)
flip 40 < "$file" > flipped; cp flipped "$file"
status refold golden verify --lines lines
sed -i 's/"lines":1/"lines":2/' golden/order.digest.json
status refold golden verify --lines lines
