# SPDX-License-Identifier: MIT
# Both builds fold what is selected, and nothing else.
. "$ROOT/harness/tests/cli/history.inc"
other head.c 's/status = STATUS_SHIPPED/status = STATUS_DELIVERED/'
{ life a 4; life b 4; life c 2; } | into 00
{ event a 5 OrderShipped; event b 5 OrderShipped '' 2026-07-01T05:00:00Z; } | into 01
try() {
    status refold compare -q "$order" head.c h -r json=r.json "$@"
    pick r.json differences.*.id history.unselected
}
try
try --until 2026-07-01T01
try --as-of 2026-07-01T01:00:00Z
try --id b
try --id c
echo a > ids
try --ids ids
REFOLD_UNTIL=2026-07-01T01 try
