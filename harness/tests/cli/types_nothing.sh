# SPDX-License-Identifier: MIT
# Nothing to list: 2, and what may have been meant.
. "$ROOT/harness/tests/cli/history.inc"
mkdir empty
status refold types empty
echo '[]' | into 00
status refold types h
life a 3 | into 00
status refold types --type OrderApprovd --type Nothing h
status refold types --type OrderApproved --type Nothing -q h
status refold types --id b h
listing --as-of 2020-01-01T00:00:00Z h
pick r.json exit nothing damaged types_total types history.unselected
status refold types --until 2020-01-01 -q h
