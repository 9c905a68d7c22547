# SPDX-License-Identifier: MIT
# Without a verb the overview goes to standard error, exit 2.
. "$ROOT/harness/tests/cli/history.inc"
code refold 2> said
refold help > help
cmp said help
