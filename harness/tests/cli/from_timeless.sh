# SPDX-License-Identifier: MIT
# Where the envelope tells no time, what is kept beside the golden has none, and is read again all the same.
. "$ROOT/harness/tests/cli/history.inc"
seen() { printf '{"of":"order","key":"%s","n":%d,"kind":"%s","body":{}}\n' "$1" "$2" "$3"; }
envelope=id=/key,aggregate=/of,version=/n,type=/kind,data=/body
{ seen a 1 OrderCreated; seen a 3 OrderShipped; } | into 00
seen a 2 OrderApproved | into 01
status refold bless h -q -e "$envelope" -g day --until 2026-07-01T01 -a "$order"
cat day/order.pending.ndjson
status refold bless h -q -e "$envelope" -g whole -a "$order"
status refold run h -e "$envelope" -g whole --from day --since 2026-07-01T01 -a "$order"
