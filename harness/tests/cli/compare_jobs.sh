# SPDX-License-Identifier: MIT
# The report is the same with any number of jobs.
. "$ROOT/harness/tests/cli/history.inc"
"$ROOT/scripts/make-orders" orders --events 12000 --objects 7 --level 1 --jobs 1 > made
other head.c 's/order->items++/order->items += quantity/; s/STATUS_PAID;/amount_cents % 7 ? STATUS_PAID : STATUS_SHIPPED;/'
for jobs in 1 2 8; do
    code refold compare "$order" head.c orders/events -j $jobs -r json=r$jobs.json
    sed -i 's/"timing".*/"timing": 0/' r$jobs.json
done
cmp r1.json r2.json
cmp r1.json r8.json
pick r1.json differences_total aggregates.*.instances aggregates.*.same clusters.*.count clusters.*.paths clusters.*.event
