# SPDX-License-Identifier: MIT
# Of a digest golden too; and files with lines that no manifest names any more, in a step of their own.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order" --digest
life a 2 | into 00
status refold golden prune h -a "$order"
status refold golden verify
status refold golden prune --old-lines --dry-run
status refold golden prune --old-lines
status refold golden prune --old-lines
status refold golden verify
status refold run -q h -a "$order"
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
