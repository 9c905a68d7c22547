# SPDX-License-Identifier: MIT
# Cut short is damage although nothing else was compared: 3 goes before 2.
. "$ROOT/harness/tests/cli/history.inc"
life b 5 | into 00
bless h -a "$order"
life b 2 | into 00
status refold run -q h -a "$order"
