# SPDX-License-Identifier: MIT
# Versions go up to 2^63 - 1.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 9223372036854775806 OrderCreated '' 2026-07-01T00:00:01Z; event a 9223372036854775807 OrderShipped '' 2026-07-01T00:00:02Z; event b 9223372036854775808 OrderShipped '' 2026-07-01T00:00:02Z; } | into 00
echo '{ "aggregates": { "order": { "first": 9223372036854775806 } } }' > refold.json
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.message
