# SPDX-License-Identifier: MIT
# A golden that knows what it was blessed of: a run that differs tells what became of the history since.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
life b 3 | into 01
life c 3 | into 02
status refold bless -q -a "$order" h
ls golden
status refold bless -q --certify -a "$order" h
ls golden
status refold golden verify
cp golden/certificate.json first.json
# The history goes on: nobody minds. What differs by code alone is not laid to it either.
life d 2 | into 03
status refold run -q -a "$order" h
sed 's/"approved"/"APPROVED"/' "$ROOT/aggregates/order.c" > order.c
code refold run -q -a ./order.c h
# Unless what it was blessed of is written anew: then that is told, be there no event that is another.
{ life c 3; echo; } | into 02
status refold run -q -a ./order.c h
life c 3 | into 02
# The history changes.
{ event b 1 OrderCreated; event b 2 OrderItemAdded '"Qty":9,"PriceCents":250'; event b 3 OrderApproved; } | into 01
rm "h/$(key 02)"
status refold run -q -a "$order" h
refold run -r json -a "$order" h > r.json 2> /dev/null || true
pick r.json warnings
status refold run -q --id b -a "$order" h
status refold run -q --until 2026-07-01T02 -a "$order" h
# A bless of a part leaves it, one of everything writes it anew.
status refold bless -q --id b -a "$order" h
cmp first.json golden/certificate.json
status refold bless -q --certify --id b -a "$order" h
status refold bless -q --dry-run -a "$order" h
cmp first.json golden/certificate.json
status refold bless -q -a "$order" h
! cmp -s first.json golden/certificate.json
status refold run -q -a "$order" h
status refold bless -q -a "$order" h
# One that is not right stops nobody.
sed -i 's/,1[0-9]*,/,1,/' golden/certificate.json
status refold golden verify
status refold run -q -a "$order" h
status refold bless -q -a "$order" h
status refold golden verify -q
refold pack -q h -o h.pack
status refold bless -q -a "$order" h.pack
status refold golden verify -q
printf '<<<<<<< HEAD\n' > golden/certificate.json
status refold golden verify
status refold golden prune -q -a "$order" h
