# SPDX-License-Identifier: MIT
# A source that contains the golden: the files of the golden that is used are no history, and nothing else is left out.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
status refold bless . -q -a "$order"
status refold run . -v -a "$order" 2>&1 | grep -v '^proof\|^sandbox\|^not sandboxed\|^time\|^build'
status refold bless . -q -a "$order"
status refold run . -q --dry-run -a "$order"
echo "== by a link, and by another name; as the source itself it is read"
ln -s golden linked
status refold run . -q -g linked -a "$order"
rm linked
mkdir ../beside
echo no history > ../beside/README
status refold run ./ "$PWD/../beside" -q -j 3 -g ./golden/ -a "$order"
status refold run golden -q -a "$order"
echo "== a digest golden, with its lines"
mv golden ../golden.aside
status refold bless . -q -g dg --digest -a "$order"
status refold run . -v -g dg -a "$order" 2>&1 | grep 'left out\|^same'
echo "== another golden is no golden of this run"
mv ../golden.aside golden
status refold run . -q -g dg -a "$order"
rm -r dg
echo "== history in the golden folder is history"
mkdir -p golden/2026/07/01/01
life b 1 > "golden/$(key 01)"
status refold run . -q -a "$order"
rm -r golden/2026
life b 1 > "golden/$(basename "$(key 01)")"
status refold run . -q -a "$order"
echo "== what has a golden's name and is none is history, and is read"
rm golden/orders-*
mv golden other
life b 1 > other/invoice.ndjson
status refold run . -v -g other --no-compare -a "$order" 2>&1 | grep 'left out\|^uncompared\|^exit'
echo "== the config is refold's own, and no other JSON is"
cd ..
mkdir -p conf && cd conf
echo '{"envelope":"eventsource"}' > refold.json
life a 3 | into 00
status refold run . -v --no-compare -a "$order" 2>&1 | grep 'left out\|^uncompared\|^exit'
cp refold.json other.json
status refold run . -q --no-compare -a "$order"
