# SPDX-License-Identifier: MIT
# A single file is a source, whatever its name; one that holds no events leaves nothing to compare.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 > plain
status refold bless -q plain -a "$order"
status refold run -q plain -a "$order"
echo 'a note' > note
status refold run plain note -a "$order"
status refold run note -a "$order"
: > empty
status refold run -q empty -a "$order"
