# SPDX-License-Identifier: MIT
# States that part and are the same again later: changed all the same, and it is said from where on.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 add add; two a 2 add take; two a 3 take add; two a 4 add add; } | into 00
{ two b 1 add take; two b 2 take add; two b 3 add take; } | into 00 2
{ two c 1 add take; two c 2 take add; two c 3 add take; two c 4 take add; } | into 00 3
{ two d 1 add take; two d 2 take add; two d 3 refuse refuse; } | into 00 4
{ two e 1 add take; two e 2 take add; two e 3 refuse add; } | into 00 5
status refold compare "$twin_base" "$twin_head" h -r text -r json=r.json
pick r.json differences.*.id differences.*.version differences.*.meets_again
