# SPDX-License-Identifier: MIT
# Keys that occur twice are counted by every shard, for each reads all; merged, as often as by one run.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 1 OrderCreated; event a 2 OrderItemAdded '"Qty":1,"Qty":2,"PriceCents":250'; life b 1; } | into 00
bless h -a "$order"
refold run -q -r json=whole.json h -a "$order" > /dev/null
for k in 1 2; do refold run -q --shard $k/2 -r json=s$k.json h -a "$order" > /dev/null; done
status refold merge s1.json s2.json -r json=merged.json
for report in whole merged; do pick $report.json history.repeated_keys; done
