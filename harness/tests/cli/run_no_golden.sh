# SPDX-License-Identifier: MIT
# Without a golden there is nothing to compare with.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
status refold run h -a "$order"
mkdir golden
status refold run h -a "$order"
# The first thing that is wrong is the source.
status refold run hh -a "$order"
status refold run hh h -a nowhere.so
