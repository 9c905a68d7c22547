# SPDX-License-Identifier: MIT
# auto decides for each record.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 1; flat order a 2 OrderApproved; } | into 00
status refold run -q --no-compare -r json=r.json h -a "$order"
sums r.json
pick r.json history.envelopes
