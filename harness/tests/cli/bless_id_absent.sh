# SPDX-License-Identifier: MIT
# An id that is asked for and is not in the history is named; its line stays.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order"
{ life a 3; life c 3; } | into 00
status refold bless -q --id a --id b h -a "$order"
sed 's/.*"id":"\([a-z0-9]*\)".*version":\([0-9]*\).*/\1 @\2/' golden/order.ndjson
status refold bless --id b h -a "$order"
status refold run -q --id c --id x h -a "$order"
printf '%s\n' v w x y z a c > ids
status refold run -q --ids ids h -a "$order"
status refold run -q --id x --until 2026-07-02 h -a "$order"
