# SPDX-License-Identifier: MIT
# A refusal with another text, type, version or none is a difference.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d e; do life $id 2; event $id 3 OrderPaid; event $id 4 OrderShipped; done; } | into 00
bless h -a "$order"
sed -i -e '/"id":"a"/s/AmountCents is/AmountCents was/' -e '/"id":"b"/s/"type":"OrderPaid"/"type":"OrderRefunded"/' \
    -e '/"id":"c"/s/"version":3}/"version":4}/' -e '/"id":"d"/s/"items":1/"items":2/' golden/order.ndjson
golden_edit ''
status refold run -r json=r.json -q h -a "$order"
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message differences.*.changes
