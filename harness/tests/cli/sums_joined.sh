# SPDX-License-Identifier: MIT
# Values joined by nothing, blanks, LF or CRLF, and a line of base64.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2 | tr -d '\n'; printf ' '; event a 3 OrderApproved | tr '\n' '\r'; printf '\n\n'; event a 4 OrderPaid '"AmountCents":500' | base64 -w0; echo; event a 5 OrderShipped | tr -d '\n'; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
