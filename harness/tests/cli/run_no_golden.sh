# SPDX-License-Identifier: MIT
# Without a golden there is nothing to compare with.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
status refold run h -a "$order"
mkdir golden
status refold run h -a "$order"
