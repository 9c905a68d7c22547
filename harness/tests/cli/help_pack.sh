# SPDX-License-Identifier: MIT
. "$ROOT/harness/tests/cli/history.inc"
refold pack --help
