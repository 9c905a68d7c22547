# SPDX-License-Identifier: MIT
# Where records keep their data elsewhere than where a named envelope looks for it, it is not lost in silence.
. "$ROOT/harness/tests/cli/history.inc"
flat() { printf '{"aggregateId":"%s","aggregateType":"order","version":%s,"type":"%s","at":"2026-07-01T00:00:0%dZ"%s}\n' "$1" "$2" "$3" "$2" "${4:-}"; }
fold() { status refold run h -q --no-compare "$@" -a "$order"; }
begin() { rm -rf h; }
echo "== under another name, and at the record's top: none has data"
{ flat a 1 OrderCreated ',"payload":{"customer":1}'; flat a 2 OrderApproved ',"payload":{"by":1}'; } | into 00
fold
fold -e flat
status refold doctor h
status refold cat h
fold -e 'id=/aggregateId,aggregate=/aggregateType,type=/type,version=/version,at=/at,data=/payload'
status refold pack h -q -o h.pack
begin; { flat a 1 OrderCreated ',"customer":1,"total":2,"open":true'; flat a 2 OrderApproved; } | into 00
fold
begin; flat a 1 OrderCreated ',"payload":"{\"customer\":1}"' | into 00
fold
echo "== a copy with another payload is no duplicate that would be told"
begin; flat a 1 OrderCreated ',"payload":{"n":1}' | into 00; flat a 1 OrderCreated ',"payload":{"n":2}' | into 01
status refold doctor h
echo "== of some"
begin; { flat a 1 OrderCreated ',"data":{}'; flat a 2 OrderApproved; } | into 00; flat a 3 OrderShipped ',"payload":{"by":1}' | into 01
fold
fold -j 4
fold -e 'id=/aggregateId,aggregate=/aggregateType,version=/version,type=/type,at=/at,data=/data'
status refold pack h -q -o some.pack
status refold run some.pack -q --no-compare -a "$order"
echo "== what has no data, and nothing else, is whole; null is data"
begin; { flat a 1 OrderCreated; flat a 2 OrderApproved ',"id":"e2"'; } | into 00
fold
begin; flat a 1 OrderCreated ',"data":null,"n":1' | into 00
fold
echo "== nor do members that hold nothing, or few scalars, or metadata, make it less"
begin; { flat a 1 OrderCreated ',"causationId":null,"metadata":{},"tags":[]'; flat a 2 OrderApproved ',"correlationId":"c","traceId":"t","user":"u","metadata":{"ip":"::1"}'; } | into 00
fold
flat a 3 OrderShipped ',"data":{},"correlationId":"c"' | into 01
fold
begin; flat a 1 OrderCreated ',"data":{"x":1}' | into 00; flat b 1 OrderCreated ',"correlationId":"c"' | into 00 1 other
echo '{"streams":[{"match":"other","envelope":"flat"}]}' > refold.json
fold
rm refold.json
echo "== a selection by time may hold none with data: a warning"
begin; { flat a 1 OrderCreated ',"data":{"x":1}'; flat b 1 OrderCreated ',"data":{}'; } | into 00
bless h -a "$order"
status refold pack h -q -o early.pack
status refold bless -q --until 2026-07-01T01 -g early h -a "$order"
flat a 2 OrderApproved ',"by":{"name":"u"}' | into 01
fold
status refold doctor h --since 2026-07-01T01 | tail -n 1
status refold cat h --since 2026-07-01T01
status refold pack h -q --since 2026-07-01T01 -o late.pack
status refold pack h -q --without early.pack -o rest.pack
status refold run h -q --from early --since 2026-07-01T01 -a "$order"
mv h/2026/07/01/00 kept
status refold run h -q --no-compare --until 2026-07-01T02 -a "$order"
status refold run h -q --no-compare --as-of 2026-07-01T02:00:00Z -a "$order"
fold
rm -r golden early kept
echo "== within what holds a part"
begin
printf '{"id":"a","meta":{"kind":"OrderCreated","v":1,"body":{"by":1}},"at":"2026-07-01T00:00:01Z"}\n{"id":"a","meta":{"kind":"OrderApproved","v":2},"at":"2026-07-01T00:00:01Z","d":{}}\n' | into 00
fold -e id=/id,type=/meta/kind,version=/meta/v,at=/at,data=/d
echo "== extensions of cloudevents are no data, but for what is none"
cloud() { printf '{"specversion":"1.0","id":"e%s","source":"s","subject":"a","sequence":%s,"type":"%s"%s}\n' "$1" "$1" "$2" "$3"; }
begin; { cloud 1 OrderCreated ',"traceparent":"00-1","datacontenttype":"application/json"'; } | into 00
fold
begin; { cloud 1 OrderCreated ',"payload":{"by":1}'; } | into 00
fold
echo "== among two envelopes; a stream with an envelope of its own"
begin; { flat a 1 OrderCreated ',"payload":{"by":1}'; event b 1 OrderCreated; } | into 00
fold
begin; flat a 1 OrderCreated ',"data":{}' | into 00; flat b 1 OrderCreated ',"payload":{"by":1}' | into 00 1 other
fold
echo '{"streams":[{"match":"other","envelope":"flat"}]}' > refold.json
fold
echo "== no members are told where values are private"
echo '{"aggregates":{"order":{"private":["/note"]}}}' > refold.json
export REFOLD_PRIVATE_KEY=0123456789abcdefghijklmnopqrstuvwxyz
fold
begin; flat b 1 OrderCreated ',"payload":{"by":1}' | into 00
fold
rm refold.json
echo "== hostile names"
printf '{"aggregateId":"a","version":1,"type":"OrderCreated","at":1,"\\u001b[31m":1,"da\\nta":{"by":1},"pay,load":{}}\n' > odd
status refold run odd -q --no-compare -a "$order"
