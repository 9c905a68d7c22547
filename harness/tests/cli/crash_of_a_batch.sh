# SPDX-License-Identifier: MIT
# Code that dies only where it is given many events at once: alone it is tried so too.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 1 Add '"By":1'; event a 2 Batch; event a 3 Add '"By":2'; event d 1 Add '"By":1'; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$faller"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.message
