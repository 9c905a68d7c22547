# SPDX-License-Identifier: MIT
# A digest golden: git gets a manifest, the lines lie beside it, and a run reads of them what it must.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d e f g h; do life $id 3; done; } | into 00
echo '# blessed: a manifest for git, and lines that git passes over'
status refold bless --digest h -a "$order"
find golden -type f | sort
cat golden/.lines/.gitignore
echo "$(wc -c < golden/order.digest.json) bytes, $(wc -l < golden/order.digest.json) lines"
echo '# a manifest is a line a shard'
head -n 1 golden/order.digest.json
grep ',[1-9]' golden/order.digest.json | head -n 2
gzip -dc golden/.lines/order/01f-*.gz
echo '# blessed again: nothing to do, and it stays a digest golden'
status refold bless -q h -a "$order"
echo '# the same: not a line is needed'
mv golden/.lines away
status refold run -v h -a "$order" | sed '/^build:\|^proof:\|^time:/d; s/ in [1-9][0-9,]* bytes/ in BYTES/'
echo '# code that differs, and lines that are not there: no one can tell how, and it is not the same'
other bug.c 's/order->items++/order->items += event->version/'
status refold run h -a bug.c
echo '# with the lines: what a plain golden tells'
status refold run -v --lines away h -a bug.c | sed '/^build:\|^proof:\|^time:/d; s/ in [1-9][0-9,]* bytes/ in BYTES/'
echo '# their place may be an archive, or be told by the environment or the config'
tar -cf lines.tar away
REFOLD_LINES=lines.tar code refold run -q h -a bug.c
mkdir sub
cp -r golden sub
echo '{"golden": "golden", "lines": "../away"}' > sub/refold.json
code refold run -q -C sub/refold.json h -a bug.c
echo '# history that went on is beyond; only its shard is read'
{ event c 4 OrderPaid '"AmountCents":500'; life n 1; } | into 01
status refold run -q -r text -r json=r.json --lines away h -a "$order"
pick r.json golden_lines.shards_read golden_lines.lines_read golden_lines.shards_unread history.beyond
echo '# some ids: their shards'
code refold run -q -r json=r.json --lines away --id a --id c h -a "$order"
pick r.json golden_lines.shards_read golden_lines.lines_read aggregates.0.same aggregates.0.uncompared
