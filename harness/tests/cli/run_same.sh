# SPDX-License-Identifier: MIT
# What was blessed and is run again is the same, exit 0.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 5; } | into 00
refold bless h -a "$order"
cat golden/order.ndjson
refold run h -a "$order"
