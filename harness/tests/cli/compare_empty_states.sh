# SPDX-License-Identifier: MIT
# States that differ before any event.
. "$ROOT/harness/tests/cli/history.inc"
other head.c 's/    REFOLD_INT(struct order, items, "items"),/&\n    REFOLD_INT(struct order, items, "lines"),/'
{ life a 2; life b 1; } | into 00
status refold compare "$order" head.c h -r text -r json=r.json
pick r.json differences.*.version differences.*.message differences.0.suspect differences.*.changes.0.path clusters.*.count
