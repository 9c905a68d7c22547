# SPDX-License-Identifier: MIT
# A worker that dies is named with instance and event; all others are folded and compared.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b segv-1 z; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; event $id 3 Added '"By":4'; done; } | into 00
status refold bless -r text -r json=r.json h -a "$crasher"
sums r.json
tallies r.json
cat golden/crasher.ndjson
status refold run -r text -r json=r.json h -a "$crasher"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message differences.*.suspect clusters.*.kind
