# SPDX-License-Identifier: MIT
# A state that holds NaN has no JSON: rejected, and named by the last event.
. "$ROOT/harness/tests/cli/history.inc"
{ event n 1 Add '"By":2'; event n 2 NotANumber; event m 1 Add '"By":3'; } | into 00
status refold bless -q h -a "$faller"
cat golden/faller.ndjson
status refold run -r text h -a "$faller"
golden_edit '/"id":"n"/d' faller
status refold run -q -r json=r.json h -a "$faller"
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.message
