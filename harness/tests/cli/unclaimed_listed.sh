# SPDX-License-Identifier: MIT
# What is listed is cut, not what is known: names of aggregates, warnings and counts are those of all, of shards that are merged too.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; for n in 1 2 3 4; do flat Zebra z$n 1 Born; done; for n in 1 2 3; do flat Orders o$n 1 OrderCreated; done; } | into 00
status refold run --no-compare --limit listed=1 -r text -r json=whole.json h -a "$order"
for k in 1 2 3; do refold run -q --no-compare --limit listed=1 --shard $k/3 h -a "$order" -r json=$k.json > out.txt 2>&1 || true; done
code refold merge -q 3.json 1.json 2.json -r json=merged.json
for file in whole merged; do pick $file.json history warnings > $file.txt; done
diff whole.txt merged.txt
grep -o '"unclaimed_aggregates".*\]' merged.json | cut -d']' -f1
echo '# foreign objects'
for n in 1 2 3 4 5; do echo hi > h/README$n; done
echo '{"limits":{"listed":1}}' > refold.json
bless h -a "$order" 2> /dev/null
life b 2 | into 00
refold golden prune --dry-run h -a "$order" 2>&1 | grep README
