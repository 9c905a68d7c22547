# SPDX-License-Identifier: MIT
# A certificate tells what became of a history since; what is none, or was edited, is not believed.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
life b 3 | into 01
life c 3 | into 02
status refold doctor -q h -o was.json
cat was.json
status refold doctor -q --certificate was.json h
refold pack -q h -o all.pack
refold doctor -q all.pack -o packed.json
cmp was.json packed.json
life d 2 | into 03
status refold doctor --certificate was.json h
life b 2 | into 01
rm "h/$(key 02)"
status refold doctor --certificate was.json h
refold doctor --json --certificate was.json h > r.json || true
pick r.json change whole odd damaged
life b 3 | into 01
life c 3 | into 02
rm -r h/2026/07/01/03
echo '{ "streams": [ { "match": "orders", "aggregate": "parcel" } ] }' > refold.json
status refold doctor --certificate was.json h
rm refold.json
sed 's/,256,/,255,/' was.json > edited.json
for file in edited.json r.json "h/$(key 00)" nowhere h; do
    status refold doctor --certificate "$file" h
done
sed 's/"format":1/"format":2/' was.json > newer.json
status refold doctor --certificate newer.json h
status refold doctor -q h -o /dev/full
status refold doctor -q h -o nowhere/x.json
status refold doctor h -o h/here.json
status refold doctor nowhere -o never.json
test ! -e never.json
mkdir empty
status refold doctor empty
status refold doctor --as-of 2026-07-01T00:00:00Z h
status refold doctor -a "$order" h
echo '# nothing but a certificate of before is replaced'
echo 'my notes' > notes
status refold doctor -q h -o notes
status refold doctor -q h -o empty
status refold doctor -q h -o was.json
cat notes
grep -c . was.json
