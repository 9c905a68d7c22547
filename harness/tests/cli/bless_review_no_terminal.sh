# SPDX-License-Identifier: MIT
# A review asks someone: without a terminal, and in CI, it says what else there is.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
status refold bless --review h -a "$order"
CI=1 status refold bless --review h -a "$order"
CI=1 status refold bless --review --ci --dry-run h -a "$order"
REFOLD_REVIEW=1 status refold bless h -a "$order"
ls
