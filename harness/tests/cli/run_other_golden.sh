# SPDX-License-Identifier: MIT
# Where an aggregate's golden was not brought along nothing of it is compared: that is named, and what is asked is not about
# a selection that nobody made.
. "$ROOT/harness/tests/cli/history.inc"
file="$AGGREGATES/file.so"
{ life a 2; for id in f g h; do flat file $id 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}'; done; } | into 00
bless h -a "$order" -a "$file"
cp -r golden all
echo "== the golden of one of two"
rm golden/file.*
status refold run h -a "$order" -a "$file"
status refold run -q h -a "$order" -a "$file" --require-golden
echo "== of shards, and merged"
for k in 1 2; do status refold run -q --shard $k/2 -r json=$k.json h -a "$order" -a "$file"; done
status refold merge -q 1.json 2.json
echo "== where all are there, or nothing is compared, there is nothing to say"
status refold run -q h -a "$order" -a "$file" -g all
status refold run -q h -a "$order" -a "$file" --no-compare
flat file i 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}' | into 01
status refold run -q h -a "$order" -a "$file" -g all --id i --id a
echo "== of many, as one that declares \`*\` may bring along"
for name in ticket visit stay; do flat $name z 1 Opened; done | into 02
status refold run -q h -a "$order" -a "$AGGREGATES/case.so" -g all
rm "h/$(key 02)"
echo "== only the golden of another"
rm -r h
flat file f 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}' | into 00
status refold run h -a "$file"
