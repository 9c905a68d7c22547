# SPDX-License-Identifier: MIT
# The whole JSON report of a small run.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 1; } | into 00
bless h -a "$order"
{ life a 2; life b 1; event b 2 OrderPaid; life c 1; life c 1; } | into 00
golden_edit '/"id":"a"/s/"items":1/"items":2/'
status refold run -r json h -a "$order"
