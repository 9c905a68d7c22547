# SPDX-License-Identifier: MIT
# Pointers of one's own; ids and versions may be integers or strings of digits.
. "$ROOT/harness/tests/cli/history.inc"
cat > events << 'END'
{"head":{"no":7,"v":"1","kind":"OrderCreated","ts":1782864001},"body":{}}
{"head":{"no":"7","v":2,"kind":"OrderItemAdded","ts":1782864002000},"body":{"Qty":3,"PriceCents":5}}
END
status refold bless -q -e id=/head/no,version=/head/v,type=/head/kind,at=/head/ts,data=/body events -a "$order"
cat golden/order.ndjson
echo '{ "envelope": { "id": "/head/no", "version": "/head/v", "type": "/head/kind", "at": "/head/ts", "data": "/body" } }' > refold.json
status refold run -q -r json=r.json events -a "$order"
sums r.json
pick r.json history.envelopes
status refold run -q -e id=/head/no events -a "$order"
status refold run -q -e id=/head/no,type=head events -a "$order"
status refold run -q -e flatt events -a "$order"
status refold run -q -e id=/a,type=/b,kind=/c events -a "$order"
