# SPDX-License-Identifier: MIT
# With --until an object with a packer's name but no hour folder ends with 2; others without an hour are left out.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
life a 2 > h/2026/notes
status refold run -q --no-compare --until 2026-07-02 -r json=r.json h -a "$order"
sums r.json
life a 2 > h/2026/export.json
status refold run -q --no-compare --until 2026-07-02 h -a "$order"
status refold run -q --no-compare h -a "$order"
