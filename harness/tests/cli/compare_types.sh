# SPDX-License-Identifier: MIT
# A type that only one build declares is taken by that one, and refused by the other.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 add add; event a 2 OnlyHead; two a 3 add add; } | into 00
{ two b 1 add add; event b 2 OnlyBase; two b 3 add add; } | into 00 2
{ two c 1 add add; event c 2 Neither; two c 3 add add; } | into 00 3
{ two d 1 add add; two d 2 add add; } | into 00 4
status refold compare "$twin_base" "$twin_head" h -r text -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
tallies r.json
sums r.json
