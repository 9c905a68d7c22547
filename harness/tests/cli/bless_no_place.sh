# SPDX-License-Identifier: MIT
# A golden folder that cannot be made: 5, and the report says so.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
status refold bless -q -g /proc/refold/golden -r json=r.json h -a "$order"
pick r.json exit unwritten verdict
