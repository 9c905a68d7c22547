# SPDX-License-Identifier: MIT
# A standard input that is closed cannot be read (4); it is not an empty history, nor another file.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
ended=0; refold run - -a "$order" -r json=r.json <&- || ended=$?; echo "exit $ended"
pick r.json verdict exit
ended=0; refold run -q h -a "$order" <&- 2>&- || ended=$?; echo "exit $ended"
