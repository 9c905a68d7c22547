# SPDX-License-Identifier: MIT
# What a start from a snapshot does not go with, and goldens that none can be made from.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 1; } | into 00
event a 3 OrderApproved | into 01
bless h -a "$order"
bless h -g early --until 2026-07-01T01 -a "$order"
try() { code refold "$@" -a "$order"; }
try run h --from nowhere
try run h --from golden
try run h --from golden --at-head
try run h --from early --as-of 2026-07-01T00:00:02Z
try bless h --from early --review
try bless h --from early --cluster 1
try compare "$order" "$order" h --from early
# No meta file; edited by hand; no hash of the events; of other code.
cp -r early bare; rm bare/*.meta.json
try run h --from bare
cp -r early edited; sed -i 's/"items":1/"items":2/' edited/order.ndjson
try run h --from edited
cp -r early hashless; sed -i 's/"events":"[0-9a-f]*",//' hashless/order.ndjson
sed -i "s/\"states\":\"[0-9a-f]*\"/\"states\":\"$(sha256sum hashless/order.ndjson | cut -c 1-64)\"/" hashless/order.meta.json
reseal hashless/order.meta.json
try run h --from hashless
cp -r early other; sed -i 's/"stateVersion":1/"stateVersion":7/' other/order.meta.json
reseal other/order.meta.json
try run h --from other
# A damaged one.
cp -r early cut; sed -i '$ s/.$//' cut/order.ndjson; printf '{"id":' >> cut/order.ndjson
try run h --from cut
cp -r early newer; sed -i 's/"closed":"[^"]*"/"closed":1/' newer/order.meta.json
try run h --from newer
# Two aggregates, of which one has no golden there.
code refold run h --from early --since 2026-07-01T01 -a "$order" -a "$crasher"
code refold run h --from early -a "$crasher"
try run h --from early --since 2026-07-01T01 --shard 1/2
