# SPDX-License-Identifier: MIT
# One instance: its events in order, where each lies, its data, and what it changed.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; } | into 00
{ event a 4 OrderPaid '"AmountCents":500'; event a 3 OrderApproved; } | into 01
status refold show a h -a "$order"
status refold show -q a h -a "$order"
code refold show a h -a "$order" --color=always
