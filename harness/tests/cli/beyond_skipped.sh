# SPDX-License-Identifier: MIT
# Beyond counts all events above the golden's version but duplicates and conflicts: skipped ones too.
. "$ROOT/harness/tests/cli/history.inc"
cat > refold.json << 'END'
{ "aggregates": { "order": { "skip": [ { "type": "OrderViewed", "reason": "noise" } ] } } }
END
life a 3 | into 00
bless h -a "$order"
{ life a 3; event a 4 OrderViewed; event a 5 OrderShipped; event a 5 OrderShipped; event a 6 OrderViewed; } | into 00
status refold run -q -r json=r.json h -a "$order"
sums r.json
