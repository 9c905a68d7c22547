# SPDX-License-Identifier: MIT
# Every way to die: SIGSEGV, abort, exit(0), stack overflow, memory scribbled over; at the first event too.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a abort-1 exit-1 exit-first segv-first stack-1 z; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; done; } | into 00
status refold bless -q -r json=r.json h -a "$crasher"
sums r.json
tallies r.json
pick r.json blessed differences.*.id differences.*.version differences.*.message
cat golden/crasher.ndjson
