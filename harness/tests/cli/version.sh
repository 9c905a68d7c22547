# SPDX-License-Identifier: MIT
. "$ROOT/harness/tests/cli/history.inc"
refold --version | sed 's/^zlib .*/LIBRARIES/'
refold -V > /dev/null
