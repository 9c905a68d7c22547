# SPDX-License-Identifier: MIT
# --since needs the events before: exit 2.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
status refold run --since 2026-07-01 --no-compare h -a "$order"
status refold bless --since 2026-07-01 h -a "$order"
ls
