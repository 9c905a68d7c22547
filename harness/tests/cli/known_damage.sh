# SPDX-License-Identifier: MIT
# Damage that is accepted is known: it is told, and counts no more; exactly that damage, and no other.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; life b 2; } | into 00
{ life c 3; echo '{"no":"event"}'; } | into 01 2
{ event d 1 OrderCreated; event d 2 OrderApproved; event d 2 OrderShipped; } | into 02 3
life e 5 | member | head -c -20 | into 03 4
life f 5 | member | flip -8 | into 04 5
mkdir -p h/processing-failed/2026/07/01/05
echo 'what Firehose could not process' > "h/processing-failed/$(key 05 6)"
today='--today 2026-11-25'
echo '# new, nothing is written'
status refold bless -q h -a "$order"
ls golden 2> /dev/null || echo 'no golden'
echo '# accepted'
status refold bless --accept-damage 'the outage of July' --last-day 2026-12-31 $today h -a "$order"
cat golden/known-damage.json
echo '# known'
status refold run $today -r text -r json=r.json h -a "$order"
pick r.json exit damaged damage_total damage_known damage.*.known damage.*.reason known_damage.*.state today
echo '# blessed over it, as ever: nothing changes'
cp -r golden before
status refold bless $today h -a "$order"
diff -r before golden && echo 'as before'
echo '# in all reports'
for format in tap junit markdown github; do echo "## $format"; refold run $today -r $format h -a "$order"; done
echo '# a second gap, another side of the conflict, one byte less, one record more'
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; event a 6 OrderShipped; life b 2; } | into 00
{ life c 3; echo '{"no":"event"}'; life g 1; } | into 01 2
{ event d 1 OrderCreated; event d 2 OrderApproved; event d 2 OrderCancelled; } | into 02 3
life e 5 | member | head -c -21 | into 03 4
status refold run $today -r text -r json=r.json h -a "$order"
pick r.json exit damage_total damage_known known_damage.*.state
status refold bless -q $today h -a "$order"
echo '# accepted too: what is gone goes'
status refold bless -q --accept-damage 'and that of August' $today h -a "$order"
sed 's/"\([a-z]*\)":"\([0-9a-f]\{8\}\)[0-9a-f]\{56\}"/"\1":"\2…"/g' golden/known-damage.json
status refold run -q $today h -a "$order"
echo '# what is hidden to the eye, as all else in a report'
rm -r golden
code refold bless -q h -a "$order" --accept-damage "$(printf 'lost \342\200\256tsol <b>')"
code refold run -q h -a "$order" -r json=r.json
grep -o '"reason":"lost[^,}]*' r.json | uniq
