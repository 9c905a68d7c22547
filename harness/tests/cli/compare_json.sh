# SPDX-License-Identifier: MIT
# The whole JSON report of a small comparison.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 add add; two a 2 add take; two a 3 take add; } | into 00
{ two b 1 add add; two b 2 add refuse; } | into 00 2
{ two c 1 add add; } | into 00 3
status refold compare -r json "$twin_base" "$twin_head" h
