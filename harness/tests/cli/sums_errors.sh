# SPDX-License-Identifier: MIT
# Objects below an error prefix are foreign, and damage unless the policy waives them.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00 1
mkdir -p h/processing-failed/2026/07/01/00
{ event a 3 OrderApproved; event a 4 OrderShipped; } > h/processing-failed/2026/07/01/00/orders-1-2026-07-01-00-00-01-00000000-0000-4000-8000-000000000009
status refold bless -q h -a "$order"
ls
status refold run --no-compare -r text -r json=r.json h -a "$order"
sums r.json
echo '{"policy":{"errors":"count"}}' > refold.json
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.waived history.waived
