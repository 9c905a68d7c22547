# SPDX-License-Identifier: MIT
# A crash while the state is written is laid to the last event folded.
. "$ROOT/harness/tests/cli/history.inc"
{ event s 1 Add '"By":1'; event s 2 Snapshot; event t 1 Add '"By":1'; } | into 00
status refold bless -q -r json=r.json h -a "$faller"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.suspect.type
