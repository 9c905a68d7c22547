# SPDX-License-Identifier: MIT
# A bless that is killed between its renames: who reads sees the new golden, and is told how to go on.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
life a 3 | into 00
cut_off() {
    ended=0
    strace -qq -o /dev/null -e trace=rename -e inject=rename:signal=KILL:when=3 refold bless -q h -a "$order" > /dev/null || ended=$?
    echo "killed $ended"
}
numberless() {
    sed 's/\.[0-9]*-\([0-9]*\)\.\(tmp\|old\):/.PID-\1.\2:/'
}
cut_off
status refold run -q h -a "$order"
status refold golden verify | numberless
status refold golden verify --repair
status refold run -q h -a "$order"
life a 4 | into 00
cut_off
life a 5 | into 00
status refold bless h -a "$order"
life a 2 | into 00
cut_off
echo edited >> golden/order.ndjson
status refold run h -a "$order"
status refold bless h -a "$order"
status refold golden verify | numberless
rm golden/.refold-journal
status refold bless -q h -a "$order"
ls -A golden
