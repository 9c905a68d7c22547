# SPDX-License-Identifier: MIT
# A program that speaks the worker protocol folds as a shared object does: run, bless, compare, show.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
{ for id in a b c; do add $id 1; add $id 2; done; add d 1 odd; add d 2; add d 3 refuse; add d 4; } | into 00
status refold run --no-compare -a "$counter" h
status refold bless -a "$counter" h -r json=r.json
sums r.json
cut -d , -f 2- golden/counter.ndjson | tail -4
status refold run -a "$counter" h
{ add a 3; add e 1 environment; } | into 01
status refold compare "$counter" "$counter" h
status refold show -a "$counter" d h
refold show --json -a "$counter" e h
