# SPDX-License-Identifier: MIT
# A record that the break cuts in two is not kept.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; printf '{"t":"OrderPaid","d":{"ID":"a",'; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.message
status refold run --no-compare -q --keep-partial -r json=r.json h -a "$order"
sums r.json
