# SPDX-License-Identifier: MIT
# A layout in Firehose's own syntax, and one that is none.
. "$ROOT/harness/tests/cli/history.inc"
for hour in 00 01; do
    mkdir -p "h/on-20260701/at-$hour"
    life "a$hour" 2 > "h/on-20260701/at-$hour/orders-1-2026-07-01-$hour-00-01-00000000-0000-4000-8000-000000000001"
done
status refold run --no-compare -q --until 2026-07-01T01 h -a "$order"
echo '{ "layout": "on-!{timestamp:yyyyMMdd}/at-!{timestamp:HH}/" }' > refold.json
status refold run --no-compare -q --until 2026-07-01T01 -r json=r.json h -a "$order"
sums r.json
echo '{ "layout": "on-!{timestamp:yyyyMMdd/" }' > refold.json
status refold run --no-compare -q h -a "$order"
echo "--- one that fits no folder, with and without a time; one that fits only some"
for layout in "YYYY/MM/DD/HH/" "!{timestamp:yyyy}/!{timestamp:MM}/" "in-!{timestamp:yyyyMMdd}/at-!{timestamp:HH}/"; do
    echo "{ \"layout\": \"$layout\" }" > refold.json
    status refold run --no-compare -q --until 2026-07-01T01 h -a "$order"
    status refold ls -q --until 2026-01-01 h
    status refold run --no-compare -q h -a "$order"
done
mkdir -p h/2026/07/01/00
life b 2 > h/2026/07/01/00/b.json
echo '{ "layout": "on-!{timestamp:yyyyMMdd}/at-!{timestamp:HH}/" }' > refold.json
status refold run --no-compare -q --until 2026-07-01T01 h -a "$order"
rm -r h/on-*
status refold run --no-compare -q --until 2026-07-01T01 h -a "$order"
