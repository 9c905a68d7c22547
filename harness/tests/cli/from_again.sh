# SPDX-License-Identifier: MIT
# A close that is done again, or begins in front of the golden that it goes on from, writes what one fold of all does.
. "$ROOT/harness/tests/cli/history.inc"
event a 1 OrderCreated | into 00
event a 3 OrderApproved | into 01
event b 1 OrderCreated | into 02
event a 2 OrderItemAdded '"Qty":1,"PriceCents":5' | into 04
bless h -g whole -a "$order" --until 2026-07-01T03
bless h -g c -a "$order" --until 2026-07-01T02
for turn in 1 2 3; do
    bless h --from c --since 2026-07-01T01 --until 2026-07-01T03 -g c -a "$order"
    grep -c . c/order.pending.ndjson
    diff -r whole c
done
code refold golden verify c
bless h -g all -a "$order"
code refold run -q h --from c --since 2026-07-01T03 -g all -a "$order" -r json=r.json
pick r.json history.duplicates history.events
