# SPDX-License-Identifier: MIT
# An event without a time is not later than any.
. "$ROOT/harness/tests/cli/history.inc"
printf '{"id":"a","v":%s,"t":"OrderApproved"}\n' 1 2 3 > events
status refold run --no-compare -q -e id=/id,version=/v,type=/t --as-of 2026-07-01T00:00:03Z -r json=r.json events -a "$order"
sums r.json
