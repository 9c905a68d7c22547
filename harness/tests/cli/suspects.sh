# SPDX-License-Identifier: MIT
# The last writer is the last event that changed a differing path, not the last event.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; event a 4 OrderItemAdded '"Qty":1,"PriceCents":1'; event a 5 OrderPaid '"AmountCents":501'; event a 6 OrderShipped; } | into 00
bless h -a "$order"
cp golden/order.ndjson good
rm golden/order.meta.json
try() {
    sed "$1" good > golden/order.ndjson
    code refold run -r json=r.json h -a "$order"
    pick r.json differences.0.suspect.basis differences.0.suspect.version differences.0.suspect.type differences.0.suspect.offset
}
try 's/"items":2/"items":3/'
try 's/"createdAt":"2026/"createdAt":"1999/'
try 's/"status":"shipped"/"status":"paid"/'
try 's/"items":2/"items":3/; s/"createdAt":"2026/"createdAt":"1999/'
try 's/"items":2/"items":2,"lost":1/'
