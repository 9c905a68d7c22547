# SPDX-License-Identifier: MIT
# Every term of the sums in one history, each with a number of its own.
. "$ROOT/harness/tests/cli/history.inc"
cat > refold.json << 'END'
{ "aggregates": { "order": { "skip": [ { "type": "OrderViewed", "reason": "no business of the order's" } ] } } }
END
# folded 23, and behind the first refusal 6 unfolded
{
    for id in a b c d; do life $id 5; done
    event r 1 OrderCreated
    event r 2 OrderCreated
    event r 3 OrderCreated
    event r 4 OrderPaid
    for version in 5 6 7 8 9 10; do event r $version OrderApproved; done
} > base
# duplicates 4: of a, b, c, and one behind the refusal
{ event a 5 OrderShipped; event b 5 OrderShipped; event c 5 OrderShipped; event r 9 OrderApproved; } > copies
# conflicts 5: the first in the order of keys is folded
for version in 1 2 3 4 5; do event d $version OrderCancelled; done > conflicts
# skipped 6
for version in 6 7 8 9 10 11; do event a $version OrderViewed; done > skipped
# unhandled 2, unfolded 1 more
{ event b 6 OrderLost; event c 6 OrderLost; event c 7 OrderShipped; } > unhandled
# unselected 3, of an id that the selection leaves out
life z 3 > unselected
# unclaimed 8
for version in 1 2 3 4 5 6 7 8; do flat parcel a $version Sent; done > unclaimed
# withdrawn 9, of an object that is cut in its checksum
{ for version in 1 2 3 4 5 6 7 8 9; do event w $version OrderCreated; done; } | member | head -c -5 > broken
# malformed 10 (and one below), empty 12; expanded 12 - 1 + 3 - 1 = 13, with 15 events of w
{
    for n in 1 2 3 4 5 6 7 8 9 10; do echo "{\"n\":$n}"; done
    for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo '[]'; done
    printf '['; for version in 1 2 3 4 5 6 7 8 9 10 11; do event w $version OrderCreated; echo ,; done; event w 12 OrderCreated; echo ']'
    printf '['; for version in 13 14; do event w $version OrderCreated; echo ,; done; event w 15 OrderCreated; echo ']'
} > batches
cat base | into 00 1
cat copies skipped unhandled | into 00 7
cat conflicts unselected unclaimed | into 01 2
into 02 3 < broken
into 03 4 < batches
# unreadable 3: that of 02, one without events, one that is no gzip behind its magic
echo 'no events' | into 04 5
printf '\037\213\010broken' | into 04 6
# foreign 5
for n in 1 2 3 4; do echo "a note" > h/2026/07/01/04/note$n.txt; done
mkfifo h/2026/07/01/04/fifo
printf '%s\n' a b c d r w > ids
status refold run --no-compare -q --ids ids -r json=r.json h -a "$order"
sums r.json
tallies r.json
pick r.json damage_total history.foreign_names
