# SPDX-License-Identifier: MIT
# Under --until a golden line without an instance is uncompared where an object was left out that
# could hold it; where none was left out, it is missing.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
life b 2 | into 01
bless h -a "$order"
status refold run -q --until 2026-07-01T01 -r json=r.json h -a "$order"
tallies r.json
rm -r h/2026/07/01/01
status refold run -q --until 2026-07-01T01 -r json=r.json h -a "$order"
tallies r.json
status refold run -q --as-of 2099-01-01T00:00:00Z -r json=r.json h -a "$order"
tallies r.json
