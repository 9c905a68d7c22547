# SPDX-License-Identifier: MIT
# A pointer of the user's own that no event has is a slip, and no history without versions: nothing would be missed.
. "$ROOT/harness/tests/cli/history.inc"
record() { printf '{"id":"%s","meta":{"seq":%s,"kind":"order"},"type":"%s","at":"2026-07-01T00:00:0%dZ","body":%s}\n' "$1" "$2" "$3" "$2" "$4"; }
{ record a 1 OrderCreated '{}'; record a 3 OrderShipped '{}'; } | into 00
record b 1 OrderCreated '{}' | into 01
right=id=/id,type=/type,at=/at,data=/body,version=/meta/seq
rest=id=/id,type=/type,at=/at
echo "== the right one sees the gap"
status refold bless h -q -e "$right" -a "$order"
echo "== each part, and all of them"
status refold bless h -e "$rest,data=/body,version=/meta/sequence" -a "$order"
status refold bless h -q -e "$rest,version=/meta/seq,data=/bdy" -a "$order"
status refold bless h -q -e "$rest,version=/meta/seq,data=/body" -a "$order"
status refold bless h -q -j 1 -e "$rest,version=/v,data=/d/~1~0" -a "$order"
status refold bless h -q -e "$right,aggregate=/meta/knd" -a "$order"
status refold bless h -q -j 1 -e "$rest,version=/v,data=/d/~1~0,aggregate=/a,eid=/e" -a "$order"
echo "== an event id where versions tell copies; and where only some events have one"
status refold bless h -q -e "$right,eid=/eid" -a "$order"
printf '{"id":"c","type":"OrderCreated","at":"2026-07-01T00:00:01Z","body":{}}\n' | into 02
status refold bless h -q -e "$right,eid=/eid" -a "$order"
rm "h/$(key 02)"
echo "== an aggregate that the stream's rule names"
echo '{"streams":[{"match":"orders","aggregate":"order"}]}' > refold.json
status refold bless h -q -e "$right,aggregate=/of" -a "$order"
record d 1 OrderCreated '{}' | into 00 1 other
status refold bless h -q -e "$right,aggregate=/of" -a "$order"
echo '{"streams":[{"match":"others","aggregate":"order"}]}' > refold.json
status refold bless h -q -e "$right,aggregate=/of" -a "$order"
rm refold.json h/*/*/*/*/other-*
echo "== every verb that reads events"
wrong="$rest,data=/body,version=/sequence"
status refold run h -q --no-compare -e "$wrong" -a "$order"
status refold run h -q --no-compare -j 4 --until 2026-07-01T01 -e "$wrong" -a "$order"
status refold show a h -e "$wrong" -a "$order"
status refold types h -e "$wrong"
status refold cat h -e "$wrong"
status refold doctor h -e "$wrong"
status refold compare "$order" "$order" h -q -e "$wrong"
status refold pack h -q -o wrong.pack -e "$wrong"
for k in 1 2; do status refold run h -q --shard $k/2 --no-compare -e "$wrong" -a "$order"; done
status refold run - -q --no-compare -e "$wrong" -a "$order" < "h/$(key 01)"
echo "== the report says it too"
status refold run h -q -r json=r.json --no-compare -e "$wrong" -a "$order"
pick r.json error exit
echo "== one record that has it is enough, in any object, and null is as missing"
printf '{"id":"c","type":"OrderCreated","at":"2026-07-01T00:00:01Z","meta":{"seq":null,"sequence":1}}\n' | into 02
status refold run h -q --no-compare -e "$rest,version=/meta/sequence" -a "$order"
printf '{"id":"c","type":"OrderCreated","at":"2026-07-01T00:00:01Z","meta":{"seq":null,"sequence":null}}\n' | into 02
status refold run h -q --no-compare -e "$rest,version=/meta/sequence" -a "$order"
rm "h/$(key 02)"
echo "== data that is null is there"
printf '{"id":"c","type":"OrderCreated","at":"2026-07-01T00:00:01Z","v":1,"d":null}\n' > null
status refold run null -q --no-compare -e "$rest,version=/v,data=/d" -a "$order"
echo "== the config's, and that of a stream"
echo '{"envelope":{"id":"/id","type":"/type","version":"/sequence"}}' > refold.json
status refold run h -q --no-compare -a "$order"
cat > refold.json <<'END'
{"envelope":{"id":"/id","type":"/type","version":"/meta/seq"},
 "streams":[{"match":"other","envelope":{"id":"/id","type":"/type","version":"/sequence"}},{"match":"orders","aggregate":"order"}]}
END
status refold run h -q --no-compare -a "$order"
record d 1 OrderCreated '{}' | into 00 1 other
status refold run h -q --no-compare -a "$order"
rm refold.json h/*/*/*/*/other-*
echo "== a pack keeps what its objects lack"
printf '{"id":"c","type":"OrderCreated","at":"2026-07-01T00:00:01Z","sequence":1}\n' | into 02
refold pack h -q -o h.pack -e "$rest,version=/sequence"
status refold run h.pack -q --no-compare -e "$rest,version=/sequence" -a "$order"
rm "h/$(key 02)"
refold pack h -q -o all.pack -e "$rest,version=/meta/seq"
status refold run all.pack -q --no-compare -e "$rest,version=/meta/seq" -a "$order"
echo "== nobody's keys are told where values are private"
echo '{"aggregates":{"order":{"private":["/note"]}}}' > refold.json
export REFOLD_PRIVATE_KEY=0123456789abcdefghijklmnopqrstuvwxyz
status refold run h -q --no-compare -e "$wrong" -a "$order"
echo "== no event, no slip"
mkdir empty
printf '[]' > empty/orders.ndjson
status refold run empty -q --no-compare -e "$wrong" -a "$order"
echo "== a version that lies deep, behind many members"
rm refold.json
cat > bridge << 'END'
{"version":"0","id":"e1","detail-type":"Placed","source":"shop","account":"123456789012","time":"2026-07-01T00:00:01Z","region":"eu-west-1","resources":["r"],"detail":{"id":"o1","note":"x","metadata":{"kind":"order","trace":{"seq":1,"deep":{"er":2}}}}}
END
status refold run bridge -q --no-compare -e id=/detail/id,type=/detail-type,version=/detail/seq -a "$order"
status refold run bridge -q --no-compare -e id=/detail/id,type=/detail-type,data=/body -a "$order"
