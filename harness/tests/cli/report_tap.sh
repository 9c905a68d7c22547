# SPDX-License-Identifier: MIT
# TAP of small runs, and what prove makes of them: the same, changed, over damage, not replayed.
. "$ROOT/harness/tests/cli/history.inc"
proved() {
    status refold run -r tap=r.tap -q h -a "$@"
    cat r.tap
    ended=0
    prove -Q r.tap > said 2>&1 || ended=$?
    echo "prove: exit $((ended != 0))"
}
{ life a 2; life b 3; life '#c' 1; } | into 00
bless h -a "$order"
proved "$order"
golden_edit 's/"created"/"lost"/'
life d 1 | into 01
proved "$order"
event a 4 OrderShipped | into 02
proved "$order"
proved nowhere.so
