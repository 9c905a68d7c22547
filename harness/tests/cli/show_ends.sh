# SPDX-License-Identifier: MIT
# Where the fold ends before the events do: refused, not declared, crashed, hung. What comes behind is shown too.
. "$ROOT/harness/tests/cli/history.inc"
{ event r 1 OrderCreated; event r 2 OrderItemAdded '"Qty":"x","PriceCents":1'; event r 3 OrderPaid; } | into 00
{ event u 1 OrderLost; event u 2 OrderCreated; } | into 00 2
status refold show r h -a "$order"
status refold show u h -a "$order"
status refold show --at 1 -q r h -a "$order"
status refold show --at 2 r h -a "$order"
status refold show --blame -q r h -a "$order"
rm -r h
for id in segv-1 exit-first hang-1; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; event $id 3 Added '"By":3'; done | into 00
for id in segv-1 exit-first hang-1; do
    status refold show --timeout 0.2 $id h -a "$crasher"
done
status refold show --timeout 0.2 --at 1 -q hang-1 h -a "$crasher"
status refold show --at 3 segv-1 h -a "$crasher"
status refold show --at 0 -q exit-first h -a "$crasher"
status refold show --json segv-1 h -a "$crasher" | sed -n '/"instances"/,/"withdrawn"/p'
