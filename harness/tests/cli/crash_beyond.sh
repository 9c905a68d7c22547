# SPDX-License-Identifier: MIT
# A crash behind the golden's version is a difference too.
. "$ROOT/harness/tests/cli/history.inc"
{ event segv-1 1 Added '"By":1'; event b 1 Added '"By":1'; } | into 00
bless h -a "$crasher"
event segv-1 2 Added | into 01
status refold run -q -r json=r.json h -a "$crasher"
tallies r.json
sums r.json
pick r.json differences.*.version
