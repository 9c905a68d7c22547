# SPDX-License-Identifier: MIT
. "$ROOT/harness/tests/cli/history.inc"
refold run --help
refold help run > a
refold run -h nonsense --no-compare > b
refold run --help > c
cmp a c
cmp b c
