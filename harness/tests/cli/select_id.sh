# SPDX-License-Identifier: MIT
# --id: the others are neither folded nor missing; golden lines outside are uncompared, counted and said.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; life c 5; life d 2; } | into 00
bless h -a "$order"
{ life b 3; life c 5; life d 2; life e 1; } | into 00
status refold run --id b --id c -r text -r json=r.json h -a "$order"
sums r.json
tallies r.json
status refold run -q --id a -r json=r.json h -a "$order"
tallies r.json
status refold run -q --id nobody -r json=r.json h -a "$order"
sums r.json
tallies r.json
