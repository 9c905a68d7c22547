# SPDX-License-Identifier: MIT
# Where no event matches, nothing was compared: 2.
. "$ROOT/harness/tests/cli/history.inc"
mkdir empty
status refold compare "$order" "$order" empty
life a 2 | into 00
status refold compare "$order" "$order" h --id nobody
flat file x 1 FileAdded > other.json
status refold compare "$order" "$order" other.json
status refold compare "$order" "$order" nowhere
