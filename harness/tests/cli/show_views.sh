# SPDX-License-Identifier: MIT
# --at, --diff, --blame, --path: one state, two states, who wrote what, and when.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 5; life b 3; } | into 00
status refold show --at 3 a h -a "$order"
status refold show --at 0 a h -a "$order"
status refold show --at 2026-07-01T02:00:02.5+02:00 a h -a "$order"
status refold show --as-of 2026-07-01T00:00:02Z --at 2026-07-02T00:00:00Z -q a h -a "$order"
status refold show --diff 1 4 a h -a "$order"
status refold show --diff 4 0 a h -a "$order"
status refold show --diff=3 2026-07-01T00:00:03Z a h -a "$order"
REFOLD_DIFF='2 3' refold show -q a h -a "$order"
status refold show --blame a h -a "$order"
status refold show --blame -q a h -a "$order"
status refold show --path /status a h -a "$order"
status refold show --path /items -q a h -a "$order"
