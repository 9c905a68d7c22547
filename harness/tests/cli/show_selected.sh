# SPDX-License-Identifier: MIT
# Skipped types, --as-of and --until, events without versions, places in a batch.
. "$ROOT/harness/tests/cli/history.inc"
cat > refold.json << 'END'
{ "aggregates": { "order": { "skip": [ { "type": "OrderViewed", "reason": "no business of the order's" } ] } } }
END
{ event a 1 OrderCreated; event a 2 OrderViewed; event a 3 OrderPaid; event a 3 OrderPaid; } | into 00
{ event a 5 OrderShipped; } | into 01
{ printf '['; event b 1 OrderCreated; printf ','; event b 2 OrderPaid; echo ']'; } | into 00 2
status refold show a h -a "$order"
status refold show --as-of 2026-07-01T00:00:02Z a h -a "$order"
status refold show --until 2026-07-01T01 a h -a "$order"
status refold show --at 2 -q a h -a "$order"
status refold show b h -a "$order"
rm -r h
for n in 3 1 2 1; do echo "{\"who\":\"v\",\"what\":\"OrderPaid\",\"when\":\"2026-07-01T00:00:0${n}Z\",\"eid\":\"e$n\",\"d\":{}}"; done | into 00
status refold show -e id=/who,type=/what,at=/when,eid=/eid,data=/d v h -a "$order"
