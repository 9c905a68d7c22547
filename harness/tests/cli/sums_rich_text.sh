# SPDX-License-Identifier: MIT
# The same kinds of terms, as the text report says them.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; event a 3 OrderApproved; event a 5 OrderShipped; life b 2; event b 3 OrderLost; event b 4 OrderPaid; } | into 00 1
{ event a 1 OrderCancelled; echo '{"n":1}'; echo '[]'; flat parcel p 1 Sent; } | into 01 2
echo note > h/2026/07/01/01/note.txt
life c 2 > h/2026/07/01/01/odd
life d 2 | member | head -c -5 | into 02 3
status refold run --no-compare h -a "$order"
