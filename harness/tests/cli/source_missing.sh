# SPDX-License-Identifier: MIT
# No such source, no source at all.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
bless h -a "$order"
status refold run nowhere -a "$order"
status refold run h nowhere -a "$order"
status refold run -a "$order"
status refold run '' -a "$order"
