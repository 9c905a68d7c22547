# SPDX-License-Identifier: MIT
# A pack keeps what tells damage: alone it is as its objects, beside them these must be unchanged, those under an error
# prefix too.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; echo '{"no":"event"}'; } | into 00
life b 3 | member | head -c -9 | into 01 2
mkdir -p h/processing-failed/2026/07/01/02
echo 'what Firehose could not process' > "h/processing-failed/$(key 02 3)"
bless h -a "$order" --accept-damage lost
status refold pack -q h -o h.pack
run() { status refold run -q -a "$order" "$@"; }
run h.pack
run --verify h h.pack
echo '# accepted of a pack: the same file'
cp -r golden before
rm golden/known-damage.json
bless h.pack -a "$order" --accept-damage lost
diff -r before golden && echo equal
echo '# other bytes under the error prefix: the pack is stale, and packed anew the damage is new'
echo 'what Firehose could not prozess' > "h/processing-failed/$(key 02 3)"
run --verify h h.pack
run h
refold pack -q h -o h.pack || echo "exit $?"
run h.pack
echo '# the same object in two sources: one more than was accepted'
cp -r h h2
echo 'what Firehose could not process' | tee "h/processing-failed/$(key 02 3)" > "h2/processing-failed/$(key 02 3)"
run h h2
echo '# elsewhere, and in an archive, it is the same'
mv h elsewhere
run elsewhere
(cd elsewhere && tar -cf ../h.tar 2026 processing-failed)
run h.tar
