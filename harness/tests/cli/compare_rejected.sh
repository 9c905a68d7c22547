# SPDX-License-Identifier: MIT
# What only HEAD refuses is rejected, what only BASE refuses has changed; the same refusal is the same.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 add add; two a 2 add refuse; two a 3 add add; } | into 00
{ two b 1 add add; two b 2 refuse add; two b 3 add add; } | into 00 2
{ two c 1 add add; two c 2 refuse refuse; two c 3 add add; } | into 00 3
{ two d 1 add add; two d 2 refuse deny; two d 3 add add; } | into 00 4
{ two e 1 add refuse; two e 2 refuse add; } | into 00 5
status refold compare "$twin_base" "$twin_head" h -r text -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
tallies r.json
sums r.json
