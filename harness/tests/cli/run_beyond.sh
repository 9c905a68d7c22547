# SPDX-License-Identifier: MIT
# Events above the golden's version are folded and counted, and are no difference.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; } | into 00
bless h -a "$order"
{ life a 5; life b 3; life c 4; } | into 00
life a 5 | into 01
status refold run -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
