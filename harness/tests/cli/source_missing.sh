# SPDX-License-Identifier: MIT
# No such source, no source at all, an empty folder.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
refold bless -q h -a "$order"
status refold run nowhere -a "$order"
status refold run h nowhere -a "$order"
status refold run -a "$order"
status refold run '' -a "$order"
mkdir void
status refold run -q void -a "$order"
status refold bless -q void -a "$order"
cat golden/order.ndjson
