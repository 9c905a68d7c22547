# SPDX-License-Identifier: MIT
# Entries that fit nothing any more, or not as often as they did, are named; not those that a selection left out.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; life b 2; event b 2 OrderShipped; event b 2 OrderShipped; } | into 00
{ life c 2; echo '{"no":"event"}'; } | into 01 2
bless h -a "$order" --accept-damage lost
sed 's/"\([a-z]*\)":"\([0-9a-f]\{8\}\)[0-9a-f]\{56\}"/"\1":"\2…"/g' golden/known-damage.json
try() {
    status refold run -q -r json=r.json h -a "$order" "$@"
    pick r.json known_damage.*.state known_damage.*.found
}
try
try --until 2026-07-01T01
try --id c
try --no-compare
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; life b 2; event b 2 OrderShipped; } | into 00
try
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; life b 2; for n in 1 2 3; do event b 2 OrderShipped; done; } | into 00
try
life c 2 | into 01 2 # the object is there still, and its record mended
try
{ life a 4; life b 2; } | into 00
rm "h/$(key 01 2)"
try
echo '# dropped by whoever accepts what there is, which is none'
status refold bless -q h -a "$order" --accept-damage lost
cat golden/known-damage.json
status refold run -q h -a "$order"
echo "== of an object that is not the first: cut, whole again, and gone"
rm -r golden
{ life a 4; life b 2; } | into 00
life c 2 | into 01 2
life d 1 | member | head -c -5 | into 03
bless h -a "$order" --accept-damage lost
try
try --until 2026-07-01T03
life d 1 | member | into 03
try
life e 1 | into 05
try --until 2026-07-01T04
rm "h/$(key 03)"
try
echo "== of the events that a snapshot was made of: only what goes on from it looks for them"
rm -r golden h
life a 1 | into 00
event a 2 OrderApproved | into 01
bless h -g early --until 2026-07-01T01 -a "$order"
event a 1 OrderCreated '"Note":1' | into 00
bless h --from early -a "$order" --accept-damage "a note came later"
try
bless h -a "$order" --accept-damage lost
sed 's/"\([a-z]*\)":"[0-9a-f]\{16\}"/"\1":"…"/g' golden/known-damage.json
try --from early
