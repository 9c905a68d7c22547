# SPDX-License-Identifier: MIT
# The first event behind which the states differ, for each instance; alike ones are one cluster.
. "$ROOT/harness/tests/cli/history.inc"
other head.c 's/order->items++/order->items += quantity/; s/status = STATUS_SHIPPED/status = STATUS_DELIVERED/'
{ for id in a b c; do life $id 5; done; life d 1; event e 1 OrderCreated; event e 2 OrderShipped; } | into 00
status refold compare "$ROOT/aggregates/order.c" head.c h -r text -r json=r.json
pick r.json differences.*.id differences.*.version differences.*.suspect.type differences.*.suspect.basis
pick r.json differences.*.kind differences.*.cause differences.*.meets_again
pick r.json clusters.*.count clusters.*.event clusters.*.paths clusters.*.from clusters.*.to
tallies r.json
sums r.json
status refold compare -q "$ROOT/aggregates/order.c" head.c h
status refold compare -v "$ROOT/aggregates/order.c" head.c h --id d --id e | sed 's/sha256 [0-9a-f]*/sha256 X/; /^time: /d'
