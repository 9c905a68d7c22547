# SPDX-License-Identifier: MIT
# Where no record is an event the report tells what one has, and guesses where the parts may stand.
. "$ROOT/harness/tests/cli/history.inc"
advice() { status refold run h --no-compare "$@" -a "$order" | grep -E "^(damaged|to mend|to live|then|exit)"; }
only() { rm -rf h; into 00; }
echo "== of other event stores"
echo '{"aggregateIdentifier":"a","sequenceNumber":0,"type":"Order","eventIdentifier":"e","timeStamp":"2026-07-01T00:00:00Z","payloadType":"Placed","payload":{"type":"x","version":1},"metaData":{}}' | only
advice
status refold doctor h | tail -n 2
status refold types h
status refold cat h
echo '{"event_id":"e1","event_type":"Placed","aggregate":{"id":"a","type":"order","version":3},"occurred_at":1,"body":{}}' | only
advice
echo '{"EventStreamId":"a","EventNumber":"7","EventType":"Placed","Created":"2026-07-01T00:00:00Z","Data":{}}' | only
advice
echo '{"entityId":"a","rev":3,"event":"Placed","ts":1,"payload":{}}' | only
advice
echo '{"before":null,"after":{"id":4,"aggregate_id":"a","event_type":"Placed"},"op":"c","ts_ms":1}' | only
advice
echo "== pointers that lead nowhere"
advice -e id=/order,type=/type
echo "== an instance's id is likelier than an id, wherever it is, but in the data"
echo '{"id":"ev1","type":"OrderCreated","payload":{"x":1,"streamId":"s"},"meta":{"aggregateId":"a","version":1}}' | only
advice
echo '{"key":"a","kind":"Placed","in":{"payload":{"aggregateId":"x","version":1,"at":1}}}' | only
advice
echo "== records that others wrap: change data capture, EventBridge"
echo '{"schema":{},"payload":{"before":null,"after":{"id":4,"aggregate_id":"a","event_type":"Placed","version":1,"occurred_at":1,"payload":{"x":1}},"source":{"name":"n"},"op":"c","ts_ms":1}}' | only
advice
echo '{"data":{"aggregate_id":"a","kind":"Placed","body":{"x":1}},"metadata":{"table-name":"t"}}' | only
advice
echo '{"version":"0","id":"ev1","detail-type":"Placed","time":"2026-07-01T00:00:00Z","detail":{"metadata":{"aggregateId":"a","aggregateVersion":1},"data":{"version":1}}}' | only
advice
echo '{"version":"0","id":"ev1","detail-type":"Placed","time":"2026-07-01T00:00:00Z","detail":{"orderId":"a","version":1}}' | only
advice
echo "== an id within the data of an event makes no event of the data"
echo '{"type":"Placed","data":{"id":"a","kind":"vip","properties":{"x":1}}}' | only
advice
echo "== no id: what else is known"
echo '{"order_id":"a","event":"Placed","ts":1,"payload":{"x":1}}' | only
advice
echo '{"messageId":"m","body":"{}"}' | only
advice
echo "== data that is text, as outbox tables have it"
echo '{"id":1,"aggregate_id":"a","event_type":"Placed","payload":"{\"x\":1}","attributes":{"y":1}}' | only
advice
echo '{"id":1,"aggregate_id":"a","event_type":"Placed","payload":"x","body":{}}' | only
advice
echo "== nothing to guess by; hostile names; a name that no list of pointers can hold"
echo '{"x":1,"y":[2]}' | only
advice
printf '{"\\u001b[2Jid":"a","it'"'"'s":{"id":"a","type":"T","body":{}},"a,b":{"version":1}}\n' | only
advice
echo "== in a batch, in base64, in a message"
echo '[1,{"stream_id":"a","name":"T"}]' | only
advice
printf '{"stream_id":"a","kind":"Placed"}' | base64 -w 0 | only
advice
echo '{"messageType":"DATA_MESSAGE","logEvents":[{"message":"{\"stream_id\":\"a\",\"kind\":\"T\"}"}]}' | only
advice
echo "== one that is read: nothing is guessed, and one may live with it"
{ event a 1 OrderCreated; echo '{"stream_id":"a","kind":"T"}'; } | only
advice
echo "== a part that is there, and wrong: no other envelope is the cure"
{ echo '{"aggregateId":"a","type":"T","at":"today"}'; echo '{"aggregateId":{},"type":"T","at":1}'; } | only
advice
{ echo '{"aggregateId":"a","type":"T","at":"today"}'; echo '{"aggregateId":"a","type":"T","ts":1}'; } | only
advice
echo "== private values: no members"
echo '{"stream_id":"a","kind":"T"}' | only
echo '{"aggregates":{"order":{"private":["/note"]}}}' > refold.json
REFOLD_PRIVATE_KEY=0123456789abcdefghijklmnopqrstuvwxyz advice
echo "== a waived kind"
echo '{"policy":{"malformed":"warn"}}' > refold.json
advice
rm refold.json
