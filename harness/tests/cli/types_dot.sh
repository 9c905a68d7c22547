# SPDX-License-Identifier: MIT
# The graph: names are quoted, types that were not asked for are dashed, damage is said on standard error.
. "$ROOT/harness/tests/cli/history.inc"
{
    flat thing x 1 'One \"quoted\"\\'; flat thing x 2 'Two &amp; <b>\n'; flat thing x 3 Three
    flat other x 1 One
} | into 00
status refold types --dot h
status refold types --dot --type Three h
flat other x 3 Two | into 01
status refold types --dot h
# What Graphviz makes of the labels; where it draws them is its own.
refold types --dot h 2> said | dot -Tplain | sed -n 's/^node \([a-z0-9]*\) [0-9. ]*/\1 /p'
status refold types --dot --type Nothing h
