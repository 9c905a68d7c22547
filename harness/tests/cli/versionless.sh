# SPDX-License-Identifier: MIT
# Without versions events go by time, key and offset; an event id tells duplicates, else a warning says that nothing does.
. "$ROOT/harness/tests/cli/history.inc"
v() { printf '{"aggregateId":"%s","type":"%s","at":"%s","data":{%s}%s}\n' "$@"; }
{
    v a OrderApproved 2026-07-01T00:00:03Z '' ',"id":"e3"'
    v a OrderCreated 2026-07-01T00:00:01Z '' ',"id":"e1"'
    v b OrderShipped 2026-07-01T00:00:01Z '' ',"id":"e9"'
} | into 01 2
{
    v a OrderCreated 2026-07-01T00:00:01Z '' ',"id":"e1"'
    v a OrderItemAdded 2026-07-01T00:00:02Z '"Qty":2,"PriceCents":250' ',"id":"e2"'
    v b OrderCreated 2026-07-01T00:00:01Z '' ',"id":"e8"'
} | into 00 1
status refold bless -q -r json=r.json h -a "$order"
sums r.json
pick r.json history.without_versions history.of_one_time
cat golden/order.ndjson
v c OrderCreated 2026-07-01T00:00:01Z '' '' | into 00 3
v c OrderCreated 2026-07-01T00:00:01Z '' '' | into 00 4
status refold run -q -r json=r.json h -a "$order"
sums r.json
v a OrderShipped 2026-07-01T00:00:02Z '' ',"id":"e2"' | into 00 5
status refold run -q -r json=r.json h -a "$order"
sums r.json
echo "--- a number that may be the version is told"
rm -rf h golden
{
    v a OrderCreated 2026-07-01T00:00:01Z '' ',"eventId":"e1","aggregateVersion":1'
    v a OrderApproved 2026-07-01T00:00:02Z '' ',"eventId":"e2","aggregateVersion":2'
} | into 00
status refold bless -q h -a "$order"
echo "--- it is one of an event that has none"
rm -rf golden
{
    v b OrderCreated 2026-07-01T00:00:01Z '' ',"version":1,"id":"e3","sequence":7'
    v c OrderCreated 2026-07-01T00:00:01Z '' ',"version":1,"id":"e4"'
} | into 00
{
    v b OrderApproved 2026-07-01T00:00:02Z '' ',"version":2,"id":"e5"'
    v d OrderCreated 2026-07-01T00:00:03Z '' ',"id":"e6","seq":1'
} | into 01
for j in 1 3; do status refold bless -q --dry-run -j $j h -a "$order"; done
echo "--- at the top before others, and in the data where there is none outside"
likely() { rm -rf golden h; echo '{"aggregateType":"order","aggregateId":"a","type":"OrderCreated","id":"e","at":1,'"$1}" | into 00; status refold bless -q --dry-run h -a "$order"; }
likely '"data":{"schemaVersion":3},"aggregateVersion":1'
likely '"data":{"schemaVersion":3},"meta":{"seq":1}'
likely '"meta":{"schemaVersion":3},"revision":1'
likely '"data":{"in":{"version":3}}'
