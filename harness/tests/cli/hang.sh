# SPDX-License-Identifier: MIT
# An apply that takes too long is hung, and named.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a hang-1 z; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; event $id 3 Added '"By":4'; done; } | into 00
status refold run --no-compare --timeout 0.3 -r text -r json=r.json h -a "$crasher"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
