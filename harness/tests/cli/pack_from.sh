# SPDX-License-Identifier: MIT
# A replay goes on from a golden, from a pack as from its objects: what is kept beside it is of neither.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 1 OrderCreated; event b 2 OrderApproved; } | into 00
{ event a 2 OrderApproved; event b 1 OrderCreated; } | into 01
refold pack -q h -o h.pack
bless h.pack -g then --until 2026-07-01T01 -a "$order"
ls then
bless h -g now -a "$order"
onwards() { status refold run --from then --since 2026-07-01T01 -a "$order" -g now "$@"; }
onwards h
onwards h.pack
onwards h h.pack
echo "--- a pack where that should be is damage"
cp h.pack then/order.pending.ndjson
onwards h
