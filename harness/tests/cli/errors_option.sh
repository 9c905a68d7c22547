# SPDX-License-Identifier: MIT
# What Firehose wrote below an error prefix is left out, with damage that says so; --errors reads the records as they were put.
. "$ROOT/harness/tests/cli/history.inc"
mkdir -p h/processing-failed/2017/06/22/10 h/2017/06/22/10
head -n 20 "$ROOT/fixtures/forms/plain.json" > h/2017/06/22/10/x.json
cp "$ROOT/fixtures/forms/errors.json" h/processing-failed/2017/06/22/10/failed
status refold run --no-compare h -a "$order"
status refold run --no-compare --errors h -a "$order"
status env REFOLD_ERRORS=1 refold run --no-compare -q -r json=r.json h -a "$order"
pick r.json history.read history.foreign history.duplicates history.folded
echo "== the error prefix is the source itself: a folder, a file, an archive in it"
failed=h/processing-failed/2017/06/22/10/failed
status refold run --no-compare -q -r json=r.json h/processing-failed -a "$order"
pick r.json damage.*.kind damage.*.message
status refold run --no-compare -q --errors h/processing-failed -a "$order"
status refold run --no-compare -q $failed -a "$order"
status refold run --no-compare -q --errors $failed -a "$order"
tar -C h/processing-failed -cf h/processing-failed/x.tar 2017
status refold run --no-compare -q h/processing-failed/x.tar -a "$order"
status refold run --no-compare -q --errors h/processing-failed/x.tar -a "$order"
rm h/processing-failed/x.tar
echo "== a pack of what was not named so, and the other way round"
cp h/2017/06/22/10/x.json h/processing-failed/2017/06/22/10/
(cd h/processing-failed && status refold pack -q . -o ../../p.pack)
status refold run --no-compare -q h/processing-failed p.pack -a "$order"
status refold pack -q h/2017 h/processing-failed -o p.pack
(cd h/processing-failed && status refold run --no-compare -q . ../2017 ../../p.pack -a "$order")
status refold run --no-compare -q h/processing-failed h/2017 p.pack -a "$order"
rm h/processing-failed/2017/06/22/10/x.json
echo "== error records that hold no event"
raw() { printf '{"rawData":"%s"}' "$(printf '%s' "$1" | base64 -w 0)"; }
for text in '' '{"messageType":"CONTROL_MESSAGE","logEvents":[]}'; do
    raw "$text" > h/processing-failed/2017/06/22/10/failed
    status refold run --no-compare --errors -q -r json=r.json h -a "$order"
    pick r.json damage.*.kind damage.*.message
done
echo "== what is no error record"
echo '{"errorCode":"x"}{"rawData":"?"}{"rawData":"AAAA"}' > h/processing-failed/2017/06/22/10/failed
status refold run --no-compare --errors -q -r json=r.json h -a "$order"
pick r.json damage.*.kind damage.*.message
