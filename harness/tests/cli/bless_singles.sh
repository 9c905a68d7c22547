# SPDX-License-Identifier: MIT
# Where every instance has one event its id may be the event's own; who has fewer, or one with two, is told nothing.
. "$ROOT/harness/tests/cli/history.inc"
for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19; do
    event "o-$n" 1 OrderCreated
done | into 00
status refold bless -q h -a "$order"
event o-20 1 OrderCreated | into 01
status refold bless -q h -a "$order"
status refold run -q h -a "$order"
event o-20 2 OrderShipped | into 02
status refold bless -q h -a "$order"
