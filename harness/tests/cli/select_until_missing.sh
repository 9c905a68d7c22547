# SPDX-License-Identifier: MIT
# Under --until a golden line without an instance is uncompared, not missing.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
life b 2 | into 01
bless h -a "$order"
rm -r h/2026/07/01/01
status refold run -q --until 2026-07-01T01 -r json=r.json h -a "$order"
tallies r.json
status refold run -q -r json=r.json h -a "$order"
tallies r.json
