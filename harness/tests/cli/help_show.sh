# SPDX-License-Identifier: MIT
. "$ROOT/harness/tests/cli/history.inc"
refold show --help
refold help show > a
refold show -h nonsense --blame > b
refold show --help > c
cmp a c
cmp b c
