# SPDX-License-Identifier: MIT
# A program goes on from a snapshot, where it can be made a state.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
{ for id in a b; do add $id 1; add $id 2; done; add c 1; add c 2 bare; } | into 00
bless -a "$counter" h --until 2026-07-01T01
{ for id in a b c; do add $id 3; done; add a 4 refuse; } | into 01
status refold run --no-compare --from golden --since 2026-07-01T01 -a "$counter" h -r json=r.json -q
pick r.json differences.*.id differences.*.kind differences.*.message
tallies r.json
