# SPDX-License-Identifier: MIT
# "A new event type": what history holds of one that is like it, and what becomes of one that no aggregate knows.
. "$ROOT/harness/tests/cli/history.inc"
cp -r "$FIXTURES/talk-orders/events" history
refold types history/ -a "$order" --type OrderRefunded
echo
# A service that is ahead of the aggregate has written one.
mkdir -p history/2017/06/27/00
event 'order-00729' 7 OrderReturned '"Reason":"too small"' 2017-06-27T00:00:00Z \
    > history/2017/06/27/00/orders-1-2017-06-27-00-00-00-00000000-0000-4000-8000-000000000001
status refold types history/ -a "$order" --type OrderReturned
refold types history/ --dot | dot -Tsvg | grep -c '<svg '
