# SPDX-License-Identifier: MIT
# A standard output that is closed is not mistaken for a file of refold's own.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
ended=0; refold bless h -a "$order" >&- 2> said || ended=$?; echo "exit $ended"
cat golden/order.ndjson
ended=0; refold run h -a "$order" >&- 2> said || ended=$?; echo "exit $ended"
cat said
