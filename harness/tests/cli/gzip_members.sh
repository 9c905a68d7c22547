# SPDX-License-Identifier: MIT
# Records may cross members; an empty member is none.
. "$ROOT/harness/tests/cli/history.inc"
life a 4 > all
{ head -c 100 all | member; printf '' | member; tail -c +101 all | member; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
