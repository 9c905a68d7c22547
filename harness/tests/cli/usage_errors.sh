# SPDX-License-Identifier: MIT
# Bad usage ends with 2, and says what would be right.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
try() {
    code refold "$@" 2>&1
}
try rnu
try blss
try --helpp
try inject
try run --no-comparee h -a "$order"
try run --updated h -a "$order"
try run -x h
try run h -a
try run h --golden
try run h --golden=
try run h --at-head=yes
try run h -g a -g b
try run h --ci
try bless h --require-golden
try bless h --no-compare
try run h -r
try run h -r xml -a "$order"
try run h -r json= -a "$order"
try run h -r json -r text -a "$order"
try run h -r json -r json -a "$order"
try run h -j 0 -a "$order"
try run h -j many -a "$order"
try run h --timeout 0 -a "$order"
try run h --timeout 1x -a "$order"
try run h --memory -1 -a "$order"
try run h --memory 1X -a "$order"
try run h --color sometimes -a "$order"
try run h --progress on -a "$order"
try run h --ignore updatedAt -a "$order"
try run h --as-of today -a "$order"
try run h --no-compare
