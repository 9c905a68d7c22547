# SPDX-License-Identifier: MIT
# A batch is one record: [] is empty, of a longer one each element is an event or malformed.
. "$ROOT/harness/tests/cli/history.inc"
{
    printf '['; event a 1 OrderCreated; printf ','; event a 2 OrderApproved; printf ','; event a 3 OrderShipped; echo ']'
    echo '[][]'
    printf '[7,'; event b 1 OrderCreated; echo ',{"n":1}]'
} | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.message
