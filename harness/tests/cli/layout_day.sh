# SPDX-License-Identifier: MIT
# A layout of days has days as its grain: an hour is off it.
. "$ROOT/harness/tests/cli/history.inc"
for day in 01 02; do
    mkdir -p "h/dt=2026-07-$day"
    life "a$day" 2 > "h/dt=2026-07-$day/part.json"
done
status refold run --no-compare -q --until 2026-07-02 -r json=r.json h -a "$order"
sums r.json
status refold run --no-compare -q --until 2026-07-01T12 h -a "$order"
echo '{ "layout": "dt=!{timestamp:yyyy-MM-dd}/" }' > refold.json
status refold run --no-compare -q --until 2026-07-02 -r json=r.json h -a "$order"
sums r.json
status refold run --no-compare -q --until 2026-07-01T12 h -a "$order"
