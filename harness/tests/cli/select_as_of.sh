# SPDX-License-Identifier: MIT
# --as-of ends an instance before its first version with a later time; the rest is unselected, also an earlier time behind it.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 3 OrderApproved '' 2026-07-01T00:00:09Z; event a 4 OrderPaid '"AmountCents":1'; life b 2; } | into 00
{ event b 3 OrderApproved '' 2026-07-01T00:00:09.000000001Z; event c 1 OrderCreated '' 2026-07-02T00:00:00Z; } | into 00 2
bless h -a "$order"
status refold run --as-of 2026-07-01T00:00:08Z -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
status refold run -q --as-of 2026-07-01T02:00:09+02:00 -r json=r.json h -a "$order"
sums r.json
tallies r.json
status refold run -q --as-of 2026-07-01T00:00:09.000000001Z -r json=r.json h -a "$order"
tallies r.json
status refold run -q --as-of 2015-01-01T00:00:00Z -r json=r.json h -a "$order"
sums r.json
tallies r.json
status refold run -q --as-of 2026-07-01 h -a "$order"
