# SPDX-License-Identifier: MIT
# A crash of HEAD is a crash, whatever BASE does; one of BASE alone is a change; all others are compared.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a z; do two $id 1 add add; two $id 2 add add; done; } | into 00
{ two b 1 add add; two b 2 add segv; two b 3 add add; } | into 00 2
{ two c 1 add add; two c 2 segv add; two c 3 add add; } | into 00 3
{ two d 1 add add; two d 2 segv segv; two d 3 add add; } | into 00 4
{ two e 1 add add; two e 2 segv refuse; } | into 00 5
{ two f 1 add add; two f 2 add snapshot; two f 3 add whole; } | into 00 6
{ two g 1 add take; two g 2 add add; } | into 00 7
status refold compare "$twin_base" "$twin_head" h -r text -r json=r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
tallies r.json
sums r.json
status refold compare -q "$twin_base" "$twin_base" h
