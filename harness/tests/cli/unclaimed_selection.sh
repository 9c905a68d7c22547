# SPDX-License-Identifier: MIT
# What no aggregate claims can be unselected too: by id, and by --as-of at its version or time.
. "$ROOT/harness/tests/cli/history.inc"
{ flat parcel a 1 Sent; flat parcel a 2 Come; flat parcel a 2 Come; flat parcel a 3 Lost; flat parcel b 1 Sent; life o 1; } | into 00
printf '{"aggregateType":"crate","aggregateId":"v","type":"T","at":"2026-07-01T00:00:0%sZ","data":{}}\n' 1 2 3 4 > h/versionless.json
status refold run --no-compare -q --as-of 2026-07-01T00:00:02Z -r json=r.json h -a "$order"
sums r.json
status refold run --no-compare -q --id a --id o -r json=r.json h -a "$order"
sums r.json
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
