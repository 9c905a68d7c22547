# SPDX-License-Identifier: MIT
# An instance that is not in the golden counts as nothing, unless it is asked for.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; } | into 00
bless h -a "$order"
{ life c 1; life d 2; life e 3; } | into 01
status refold run -r text -r json=r.json h -a "$order"
tallies r.json
sums r.json
status refold run -q --require-golden -r json=r.json h -a "$order"
tallies r.json
pick r.json differences.*.id differences.*.kind differences_total
echo '{"policy":{"unblessed":"error"}}' > refold.json
status refold run -q h -a "$order"
echo '{"policy":{"unblessed":"warn"}}' > refold.json
status refold run -q h -a "$order"
