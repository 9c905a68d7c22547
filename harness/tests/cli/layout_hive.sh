# SPDX-License-Identifier: MIT
# Hive style folders tell the hour without a layout.
. "$ROOT/harness/tests/cli/history.inc"
for hour in 00 01; do
    mkdir -p "h/year=2026/month=07/day=01/hour=$hour"
    life "a$hour" 2 > "h/year=2026/month=07/day=01/hour=$hour/orders-1-2026-07-01-$hour-00-01-00000000-0000-4000-8000-000000000001"
done
status refold run --no-compare -q --until 2026-07-01T01 -r json=r.json h -a "$order"
sums r.json
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
