# SPDX-License-Identifier: MIT
# Each further event of a version is compared with the one that is folded: equal, a duplicate; else a conflict.
. "$ROOT/harness/tests/cli/history.inc"
{
    life a 1
    event a 2 OrderApproved
    event a 2 OrderShipped
    event a 2 OrderApproved
    event a 2 OrderShipped
    event a 2 OrderShipped
    event a 3 OrderDelivered
} | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.offset
