# SPDX-License-Identifier: MIT
# The verdict is known, and a report cannot be written: 5.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
other head.c 's/order->items++/order->items += 2/'
ended=0
refold compare "$order" head.c h > /dev/full || ended=$?
echo "exit $ended"
status refold compare -q "$order" head.c h -r json=nowhere/r.json
refold compare "$order" head.c h | head -n 1 > said
cat said
