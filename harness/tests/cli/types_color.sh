# SPDX-License-Identifier: MIT
# Colour repeats what the words say.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 3 OrderLost; } | into 00
status refold types --color=always h -a "$order" | sed 's/\x1b/ESC/g'
