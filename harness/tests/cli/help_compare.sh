# SPDX-License-Identifier: MIT
. "$ROOT/harness/tests/cli/history.inc"
refold compare --help
refold help compare > a
refold compare -h nonsense > b
refold compare --help > c
cmp a c
cmp b c
