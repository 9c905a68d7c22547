# SPDX-License-Identifier: MIT
# An event without a version that is kept beside the golden has none there either: its place would be taken for one.
. "$ROOT/harness/tests/cli/history.inc"
seen() { printf '{"of":"order","key":"%s","kind":"%s","body":{}}\n' "$1" "$2"; }
envelope=id=/key,aggregate=/of,version=/n,type=/kind,data=/body
numbered() { printf '{"of":"order","key":"%s","n":1,"kind":"OrderCreated","body":{}}\n' "$1"; }
{ seen a OrderCreated; seen a OrderLost; seen a OrderShipped; numbered c; } | into 00
numbered b | into 01
status refold bless h -q -e "$envelope" -g day --until 2026-07-01T01 -a "$order"
cat day/order.pending.ndjson
status refold bless h -q -e "$envelope" -g whole -a "$order"
status refold run h -q -e "$envelope" -g whole --from day --since 2026-07-01T01 -a "$order"
