# SPDX-License-Identifier: MIT
# A single file is a source, whatever its name.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 > plain
status refold bless -q plain -a "$order"
status refold run -q plain -a "$order"
echo 'a note' > note
status refold run -q -r json=r.json plain note -a "$order"
sums r.json
