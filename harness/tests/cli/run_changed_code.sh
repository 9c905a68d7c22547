# SPDX-License-Identifier: MIT
# The same events end in another state: changed, cause code, exit 1; -r json and text.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; life c 5; } | into 00
bless h -a "$order"
golden_edit 's/"approved"/"paid"/'
status refold run -r text -r json=r.json h -a "$order"
pick r.json verdict exit changed damaged differences.*.id differences.*.kind differences.*.cause \
    differences.*.version differences.*.changes differences.*.suspect clusters.*.count clusters.*.paths \
    clusters.*.from clusters.*.to clusters.*.event clusters.*.samples
tallies r.json
