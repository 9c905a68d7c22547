# SPDX-License-Identifier: MIT
# Annotations of small runs: the same, changed, over damage, not replayed.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; life '100%:,c' 1; } | into 00
bless h -a "$order"
status refold run -r github h -a "$order"
golden_edit 's/"created"/"lost"/'
life d 1 | into 01
status refold run -r github h -a "$order"
event a 4 OrderShipped | into 02
status refold run -r github h -a "$order"
status refold run -r github h -a nowhere.so
