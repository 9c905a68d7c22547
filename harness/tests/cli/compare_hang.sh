# SPDX-License-Identifier: MIT
# A hang of HEAD is a hang, one of BASE alone a change; both end in time.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 add add; two a 2 add hang; } | into 00
{ two b 1 add add; two b 2 hang add; } | into 00 2
{ two c 1 add add; two c 2 add take; } | into 00 3
status refold compare --timeout 0.2 "$twin_base" "$twin_head" h -r text -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
tallies r.json
