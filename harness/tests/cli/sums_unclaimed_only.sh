# SPDX-License-Identifier: MIT
# Where nothing is claimed, no event matched.
. "$ROOT/harness/tests/cli/history.inc"
{ flat parcel a 1 Sent; flat parcel b 1 Sent; } | into 00
status refold run --no-compare -r text -r json=r.json h -a "$order"
sums r.json
status refold bless -q h -a "$order"
ls
