# SPDX-License-Identifier: MIT
# An object that breaks after the bless: its events are withdrawn, and instances end early. That it is known does not
# make these the same.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
{ event a 3 OrderApproved; life c 3; } > end
member < end | into 01 2
bless h -a "$order"
cp -r golden whole
member < end | head -c -9 | into 01 2
echo '# broken, and not known'
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.kind
echo '# the object alone is known: the rest is as it was before'
bless h -a "$order" --accept-damage 'lost for good'
cp golden/known-damage.json whole/
status refold run -q -g whole -r json=r.json h -a "$order"
pick r.json damage.*.kind damage.*.known differences.*.kind differences.*.id
echo '# what was accepted with it is the state without its events'
status refold run h -a "$order"
cat golden/order.ndjson
echo '# with the whole records in front of the break more is folded than was blessed: it is beyond'
status refold run -q --keep-partial h -a "$order"
echo '# and what was blessed so ends early without them'
bless --keep-partial h -a "$order"
status refold run -q h -a "$order"
echo '# an end that stays: the lines are kept, and the end is known'
rm -r golden; cp -r whole golden
cp -r golden before
status refold bless -q -r json=r.json --cluster 0 h -a "$order" --accept-damage 'nothing is written, nor known'
pick r.json damage.*.known
diff -r golden before && echo 'as before'
refold run -r json h -a "$order" | sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p' > key
status refold bless -q --cluster "$(cat key)" h -a "$order" --accept-damage 'lost, and not missed'
cat golden/known-damage.json golden/order.ndjson
status refold run -r text -r json=r.json h -a "$order"
pick r.json aggregates.0.cut_short damage.*.kind damage.*.known
echo '# one event less, or another in front: it is another end'
{ life a 1; life b 2; } | into 00
status refold run -q h -a "$order"
{ event a 1 OrderCreated; event a 2 OrderItemAdded '"Qty":2,"PriceCents":251'; life b 2; } | into 00
status refold run -q h -a "$order"
echo '# mended: a bless that compares drops it, another one keeps it'
{ life a 2; life b 2; } | into 00
member < end | into 01 2
refold run --require-golden -r json h -a "$order" | sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p' > key
cp -r golden plain
status refold bless -q -g plain h -a "$order" --accept-damage none
cat plain/known-damage.json
status refold bless -q --cluster "$(cat key)" h -a "$order" --accept-damage none
cat golden/known-damage.json
