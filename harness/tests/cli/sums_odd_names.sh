# SPDX-License-Identifier: MIT
# Events under a name that is not Firehose's are read, and the name is counted.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00 1
life b 3 > h/2026/07/01/00/by-hand
life c 3 > h/2026/07/01/00/export.json
life d 1 > 'h/2026/07/01/00/a name with blanks'
bless h -a "$order"
status refold run -r text -r json=r.json h -a "$order"
sums r.json
