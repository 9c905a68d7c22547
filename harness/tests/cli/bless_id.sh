# SPDX-License-Identifier: MIT
# With --id only those lines are replaced, and an id that is new is added: the others are kept.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; life d 2; } | into 00
bless h -a "$order"
cp golden/order.ndjson before
{ life a 3; life b 3; life n 1; life m 1; } | into 00
status refold bless -q --id b --id n -r json=r.json h -a "$order"
pick r.json blessed
diff before golden/order.ndjson || true
status refold run -q -r json=r.json h -a "$order"
tallies r.json
