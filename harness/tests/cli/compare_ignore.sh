# SPDX-License-Identifier: MIT
# What is ignored is no difference, for all or for one aggregate, by option or config; all else still is.
. "$ROOT/harness/tests/cli/history.inc"
other head.c 's/order->items++/order->items += 2/'
life a 5 | into 00
try() {
    status refold compare -q -r json=r.json "$order" head.c h "$@"
    tallies r.json
}
try --ignore /items
try --ignore order:/items
try --ignore '/*'
try --ignore file:/items
try --ignore /totalCents
echo '{ "aggregates": { "order": { "ignore": ["/items"] } } }' > refold.json
try
try --ignore /status
# Nothing is shown of what is left out.
other head.c 's/order->items++/order->items += 2; order->total_cents++/'
status refold compare "$order" head.c h
