# SPDX-License-Identifier: MIT
# Damage of the golden folder that a bless does not mend is 3, and 3 with --dry-run: that of an aggregate that is not loaded, and of the journal.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; flat file f 1 FileAdded '{"blob":"b","mode":"m","commit":"c"}'; } | into 00
bless h -a "$order" -a "$AGGREGATES/file.so"
cp -r golden good
echo '<<<<<<< HEAD' | tee -a golden/file.ndjson >> golden/order.ndjson
cp -r golden bad
for how in '' --dry-run; do
    code refold bless -q $how h -a "$order" --limit listed=1
    diff -r bad golden
done
code refold bless -q -r json=r.json --dry-run h -a "$order"
pick r.json exit damaged
code refold bless -q h -a "$order" -a "$AGGREGATES/file.so"
diff -r good golden
echo garbage > golden/.refold-journal
for how in '' --dry-run; do
    code refold bless -q $how h -a "$order" -a "$AGGREGATES/file.so"
done
cat golden/.refold-journal
