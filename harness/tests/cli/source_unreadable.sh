# SPDX-License-Identifier: MIT
# An object that cannot be read: 4, the verdict is incomplete, and a bless writes nothing.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00 1
bless h -a "$order"
life a 3 | into 00 1
ln -s /proc/self/mem "h/$(key 00 2)"
status refold run -q -r json=r.json h -a "$order"
pick r.json verdict exit incomplete damaged nothing
status refold bless -q h -a "$order"
sed 's/.*"version":\([0-9]*\).*/@\1/' golden/order.ndjson
