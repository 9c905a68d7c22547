# SPDX-License-Identifier: MIT
# A bless says how many of the lines are refusals.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; event c 1 OrderLost; } | into 00
status refold bless -q h -a "$order"
{ life a 2; event b 1 OrderLost; event c 1 OrderLost; } | into 00
status refold bless -q h -a "$order"
status refold bless -q --id c h -a "$order"
status refold bless -q --id a h -a "$order"
