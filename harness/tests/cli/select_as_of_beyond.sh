# SPDX-License-Identifier: MIT
# What --as-of leaves out is not beyond.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; } | into 00
bless h -a "$order"
life a 5 | into 00
status refold run -q --as-of 2026-07-01T00:00:04Z -r json=r.json h -a "$order"
sums r.json
