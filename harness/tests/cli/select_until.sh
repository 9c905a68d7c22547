# SPDX-License-Identifier: MIT
# --until takes only the hours before it; what it could have left out is uncompared.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; } | into 00
{ event a 3 OrderApproved; life c 1; } | into 01
event c 2 OrderShipped | into 02
bless h -a "$order"
status refold run --until 2026-07-01T01 -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
status refold run -q --until 2026/07/01/02 -r json=r.json h -a "$order"
sums r.json
tallies r.json
status refold run -q --until 2026-07-02 h -a "$order"
status refold run -q --until 2026-07-01T03:00:00Z h -a "$order"
status refold run -q --until 2026/07/01 h -a "$order"
status refold run -q --until 2026-07-01T01:30:00Z h -a "$order"
status refold run -q --until soon h -a "$order"
status refold run -q --until 2026-02-30 h -a "$order"
