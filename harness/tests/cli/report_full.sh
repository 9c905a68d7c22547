# SPDX-License-Identifier: MIT
# A standard output that takes nothing: 5, though the verdict is known.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
full() {
    ended=0
    "$@" > /dev/full || ended=$?
    echo "exit $ended"
}
full refold run h -a "$order"
full refold run -q -r json h -a "$order"
full refold help
full refold run --help
full refold --version
code refold run -r json=/dev/full h -a "$order"
