# SPDX-License-Identifier: MIT
# Events as lines: in order, with their copies; what is selected; what takes no part.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 2 OrderItemAdded '"Qty":2.0,"PriceCents":250'; event a 1 OrderCreated; event a 2 OrderItemAdded '"Qty":2.0,"PriceCents":250'; } | into 01
{ event a 2 OrderItemAdded '"Qty":3,"PriceCents":250'; event a 3 OrderShipped; } | into 02
{ flat parcel 'p\u001b[31m' 1 Sent '{"z":{"b":1,"a":[1e2,"\u202e","<"]}}'; } | into 03
printf '%s\n' '{"aggregateId":"n","type":"Seen","id":"e2","at":"2026-07-01T00:00:02Z"}' \
    '{"aggregateId":"n","type":"Seen","id":"e1","at":"2026-07-01T00:00:01Z","data":[{"k":1,"k":2}]}' \
    '{"aggregateId":"n","type":"Seen","id":"e2","at":"2026-07-01T00:00:02Z"}' | into 04
status refold cat h
status refold cat -q --type Sent --type Seen h | cut -c 1-60
status refold cat --id n h | cut -c 1-60
status refold cat --as-of 2026-07-01T00:00:01Z h | cut -c 1-60
status refold cat --until 2026-07-01T02 h | cut -c 1-60
status refold cat --since 2026-07-01T02 --until 2026-07-01T03 h | cut -c 1-60
