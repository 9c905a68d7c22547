# SPDX-License-Identifier: MIT
# The overview.
. "$ROOT/harness/tests/cli/history.inc"
refold help
refold --help > a
refold -h > b
refold help > c
cmp a b
cmp a c
