# SPDX-License-Identifier: MIT
# A run that compares no instance ends with 2.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
bless h -a "$order"
rm -r h
life b 3 | into 00
status refold run -q --id b h -a "$order"
status refold run h -a "$order"
