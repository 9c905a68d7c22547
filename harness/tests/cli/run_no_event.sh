# SPDX-License-Identifier: MIT
# No event matches: 2, which goes before the 1 of what is missing then; and a bless writes nothing.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
bless h -a "$order"
mkdir void
code refold run void -a "$order"
: > empty
code refold run empty -a "$order"
code refold run - -a "$order" < /dev/null
status refold bless -q void -a "$order"
cat golden/order.ndjson
