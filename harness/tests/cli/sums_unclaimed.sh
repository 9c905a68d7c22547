# SPDX-License-Identifier: MIT
# Events of aggregates that are not loaded are counted; the policy makes them a warning or damage.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; flat parcel a 1 Sent; flat parcel a 2 Come; flat crate x 1 Sent; } | into 00
bless h -a "$order"
status refold run -q -r json=r.json h -a "$order"
sums r.json
echo '{"policy":{"unclaimed":"warn"}}' > refold.json
status refold run -q h -a "$order"
echo '{"policy":{"unclaimed":"error"}}' > refold.json
status refold run h -a "$order"
