# SPDX-License-Identifier: MIT
# Number tokens are literal: 500 and 500.0 are not equal.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 4; event a 4 OrderPaid '"AmountCents":500.0'; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
