# SPDX-License-Identifier: MIT
# No report, certificate or pack is written over what is read.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
object="h/$(key 00)"
cksum "$object" > was
try() { code "$@"; cksum "$object" | cmp - was; }
echo '# an object, by its path, by links, through links, as the source; also where the run ends early'
try refold run h --no-compare -a "$order" -r json="$object"
ln -s "$object" soft
ln "$object" hard
ln -s . here
mkdir linked
ln -s ../h linked/h
try refold run h --no-compare -a "$order" -r json=soft
try refold run h --no-compare -a "$order" -r json=hard
try refold run here/h --no-compare -a nowhere.so -r tap="$object"
try refold run linked --no-compare -a nowhere.so -r json="$object"
try refold run "$object" --no-compare -a "$order" -r markdown=soft
try refold run - --no-compare -a "$order" -r json="$object" < "$object"
try refold run h --no-compare --until 2026-07-01 -a "$order" -r junit="$object"
try env GITHUB_STEP_SUMMARY="$object" refold run h -q --no-compare -a "$order" -r github
try refold compare "$order" "$order" h -r json="$object"
echo '# an archive, a pack'
tar cf h.tar h
try refold run h.tar --no-compare -a "$order" -r json=h.tar
refold pack -q h -o h.pack
try refold run h.pack --no-compare -a "$order" -r json=h.pack
echo '# what else is read'
echo a > ids
echo '{}' > refold.json
cp "$order" order.so
cp "$ROOT/fixtures/scenarios/created.scenario" order.scenario
try refold run h --no-compare -a "$order" --ids ids -r json=ids
try refold run h --no-compare -a "$order" -r json=refold.json
try refold run h --no-compare -a order.so -r json=order.so
try refold scenario -a "$order" order.scenario -r json=order.scenario
refold run h -q --no-compare -a "$order" --shard 1/1 -r json=shard.json
mkdir sc
mv order.scenario sc
try refold scenario -a "$order" sc -r json=sc/order.scenario
cmp "$ROOT/fixtures/scenarios/created.scenario" sc/order.scenario
try refold merge shard.json -r json=shard.json
code refold merge shard.json -r json=merged.json
refold bless h -q -a "$order"
try refold run h -a "$order" -r json=golden/order.ndjson
try refold run . -a "$order" -r json=golden/order.meta.json
try refold golden prove golden h -a "$order" -r json=golden/order.ndjson
try refold bless h -a "$order" -r json="$object"
refold bless h -q -g digests --digest -a "$order" 2> /dev/null
shard=$(ls digests/.lines/order/*.ndjson.gz)
try refold run h -g digests -a "$order" -r json="$shard" 2> refused
sed "s:$shard:SHARD:" refused >&2
try refold run h -g digests -a "$order" -r json=digests/.lines/new.json
mv digests/.lines lines
try refold run h -g digests --lines lines -a "$order" -r json=lines/order/new.ndjson.gz
code refold run h -q -g digests --lines lines -a "$order" -r json=lines/report.json
code refold run h -q -g digests --lines lines -a "$order" -r json=lines/report.json
rm -r digests
echo '# a certificate, a pack'
refold doctor -q h -o certificate.json
try refold doctor -q h --certificate certificate.json -o certificate.json
try refold doctor -q "$object" -o "$object"
try refold doctor -q h -o soft
try refold pack h --without h.pack -o h.pack
refold pack -q h -o all.pack
try refold pack all.pack --without h.pack -o all.pack
code refold run all.pack -q --no-compare -a "$order"
try refold pack h.pack --since 2026-07-01 -o h.pack
code refold pack -q h.pack -o h.pack
code refold run h.pack -q -a "$order"
echo '# a report of before is replaced; a new one may lie anywhere; devices and pipes go on'
code refold run h -q -a "$order" -r json=r.json
code refold run h -q -a "$order" -r json=r.json
code refold run h -q -a "$order" -r json=/dev/null
code refold run h -q -a "$order" -r tap=/dev/stdout
code refold run h -q -a "$order" -r json=h/new.json
code refold run h -q -a "$order" -r json=h/new.json
echo '# two reports in one file, by its path, by links, before it is there or behind; devices and pipes take both'
code refold run h -q -a "$order" -r json=two -r junit=./two
ls two 2> /dev/null || echo none
: > two && ln -s two also
code refold run h -q -a "$order" -r tap=also -r json=two
code refold compare "$order" "$order" h -q -r text=two -r markdown=also
GITHUB_STEP_SUMMARY=r.json code refold run h -q -a "$order" -r github -r json=r.json
ln r.json hard.json
code refold run h -q -a "$order" -r tap=hard.json -r json=r.json
rm hard.json
for report in json=out text=out; do status sh -c "refold run h -q -a '$order' -r $report > out"; done
status sh -c "refold run h -q -a '$order' -r tap=/dev/stdout > out"
status sh -c "refold doctor -q h -o out > out"
cat out
code refold run h -q -a "$order" -r json=/dev/null -r junit=/dev/null
status sh -c "refold run h -q -a '$order' -r text=/dev/stderr -r tap=/dev/stderr 2>&1 > /dev/null | grep -c damaged:"
echo '# a source that cannot be listed: what lies in it is not written over, and a report elsewhere tells of it'
rm h/new.json
refold run h -q --no-compare -a "$order" -r json=before.json
mkdir broken
mv h broken
object="broken/$object"
cksum "$object" > was
ln -s nowhere broken/link
try refold run broken --no-compare -a "$order" -r json="$object"
code refold run broken --no-compare -a "$order" -r json=before.json
pick before.json exit verdict
rm broken/link
deep=broken$(printf '/d%.0s' $(seq 64))
mkdir -p "$deep"
try refold run broken --no-compare -a "$order" -r json="$object"
try refold doctor -q broken -o "$object"
echo '# names of a golden that is not there yet'
mv broken/h h
rm -r golden
object="h/$(key 00)"
cksum "$object" > was
try refold bless h -q -a "$order" -r json=golden/order.ndjson
try refold bless h -q -a "$order" -r json="./golden/new/..//order.meta.json"
try refold bless h -q -a "$order" --certify -r json="$PWD/golden/certificate.json"
ls golden 2> /dev/null || echo none
refold bless h -q -a "$order"
ln -s golden other
ln -s ../r.json golden/known-damage.json
try refold run h -a "$order" -r json=golden/known-damage.json
try refold run h -a "$order" -r json=r.json
rm golden/known-damage.json
try refold run h -a "$order" -r json=other/known-damage.json
try refold run h -a "$order" -r json=golden/.refold-journal
try refold run h -a "$order" -g nowhere --from golden --since 2026-07-02 -r json=golden/certificate.json
code refold run h -q -a "$order" -r json=golden/report.json
ls golden
echo '# nor does a certificate or a pack take such a name'
for name in known-damage.json .refold-journal x.digest.json new.ndjson certificate.json; do
    try refold doctor -q h -o "golden/$name"
done
try refold pack -q h -o golden/new.ndjson
try refold doctor -q h -o golden/.lines/c.json
code refold doctor -q h -o golden/c.json
code refold doctor -q h -o golden/c.json
ls -A golden
rm -r golden
try refold doctor -q h -o golden/order.ndjson
