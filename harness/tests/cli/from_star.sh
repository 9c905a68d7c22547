# SPDX-License-Identifier: MIT
# What declares `*` goes on behind a closed hour only if a golden there tells that it was loaded then: else all that
# came before would be lost, and the next hour be closed without it.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 1; flat ticket t 1 Opened; flat ticket u 1 Opened; } | into 00
{ life b 1; flat ticket u 2 Closed; } | into 01
star=$AGGREGATES/case.so
day() { status refold "$@" --since 2026-07-01T01 -a "$order" -a "$star"; }
bless h -g orders --until 2026-07-01T01 -a "$order"
day bless -q h -g lost --from orders --until 2026-07-01T02
day run -q h --no-compare --from orders
ls
echo "--- with all of the history, and where it was loaded"
status refold bless -q h -g whole -a "$order" -a "$star"
status refold run -q h -g whole --from orders -a "$order" -a "$star"
bless h -g both --until 2026-07-01T01 -a "$order" -a "$star"
day run -q h -g whole --from both
