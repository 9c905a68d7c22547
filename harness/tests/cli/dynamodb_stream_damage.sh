# SPDX-License-Identifier: MIT
# What a stream cannot tell, or tells wrongly, is damage with a sentence: nothing of it passes in silence.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/table.inc"
one=$(item a 1 OrderCreated)
two=$(item a 1 OrderCreated OrderApproved)
other=$(item a 1 OrderCreated OrderCancelled)
late=$(item a 2 OrderApproved)

echo "-- an event was overwritten, and the stream begins behind it"
{ change MODIFY "$two" "$one"; change MODIFY "$other" "$two"; } | into 00
status refold run --no-compare h -a "$order" -r json=r.json -r text
sums r.json
echo "-- an event was removed"
{ change INSERT "$two" ''; change MODIFY "$late" "$two"; } | into 00
status refold run --no-compare h -a "$order"
echo "-- views that tell no events"
{ change INSERT "$one" ''; change MODIFY '' '' KEYS_ONLY; change MODIFY '' "$one" OLD_IMAGE; } | into 00
status refold run --no-compare -q h -a "$order" -r json=r.json
pick r.json damage.*.message
echo "-- names, payloads and keys that do not fit"
{
    change INSERT "$(item a 1 OrderCreated '+5={"B":"e30="}' '007={"B":"e30="}' 'meta={"S":"x"}')" ''
    change INSERT "$(item b 2 OrderCreated)" ''
    change INSERT "$(item a 2 '3={"B":"e30"}' '4={"S":"e30="}' '5={"B":"CAISDQo="}' '6={"B":"eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiVmVyc2lvbiI6NywiQXQiOjF9fQ=="}')" ''
} | into 00
status refold run --no-compare -q h -a "$order" -r json=r.json
sums r.json
pick r.json damage.*.message
echo "-- nothing of DynamoDB"
life a 1 | into 00
status refold run --no-compare -q h -a "$order" -e dynamodb-stream -r json=r.json
pick r.json damage.*.message
echo "-- attributes under another name"
{ change INSERT "$one" ''; change INSERT "$(item b 1 OrderCreated | sed 's/"_1"/"v_1"/')" ''; change REMOVE '' "$one"; } | into 00
status refold run --no-compare -q h -a "$order" -r json=r.json
sums r.json
pick r.json damage.*.message
echo "-- what only looks like a removed item, or like a batch, and would hide an event"
event='{"t":"OrderApproved","d":{"ID":"a","Version":2,"At":"2026-07-01T00:00:02Z"}}'
{
    change INSERT "$one" ''
    echo '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"key":{"S":"b"}}}'
    echo '{"Records":[],"requestId":"r"}'
    echo '{"Metadata":{"source":"x"},"Keys":{"orderId":"1"},"Payload":'"$event}"
    echo '{"eventName":"REMOVE","dynamodb":{"x":1},"event":'"$event}"
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":{"key":{"S":"b"}}},"event":'"$event}"
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":{"key":{"S":"b"}},"event":'"$event}}"
    echo '{"eventName":"REMOVE","userIdentity":{"type":"Service"},"dynamodb":{"Keys":{"key":{"S":"b"}}}}'
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":{"key":{"S":"b"}}},"data":" {\"t\":1}"}'
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":{"key":{"S":"b"}}},"data":"eyJ0IjoiT3JkZXJBcHByb3ZlZCJ9"}'
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":{"key":{"S":"b"}}},"OldImage":'"$two}"
    echo '{"eventName":"REMOVE","dynamodb":[{"NewImage":'"$two"'}],"Keys":{"key":{"S":"b"}},"OldImage":{}}'
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":'"$two"'}}'
    echo '{"eventName":"MODIFY","dynamodb":{"Keys":{"key":{"S":"a"}},"OldImage":'"$one"',"NewImage":'"$one"'},"detail":'"$event}"
    echo '{"eventName":"INSERT","dynamodb":{"Keys":{"key":{"S":"a"}},"NewImage":'"$one"'},"Item":'"$two}"
    echo '{"eventName":"REMOVE","dynamodb":{"Keys":{"key":{"S":"b"}},"Metadata":'"$event}}"
    echo '{"Item":'"$(item c 1 OrderCreated)"',"ConsumedCapacity":{"CapacityUnits":0.5}}'
    echo '{"Type":"Notification","TopicArn":"a","Message":" ","event":'"$event}"
    echo '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":"","event":'"$event}]}"
    echo '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":""}],"event":'"$event}"
    echo '{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"1","message":"{\"t\":1}"}]}'
    echo '{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"1","message":"Checking health of destination Firehose."}]}'
    echo '{"Item":'"$one"',"Items":['"$two"']}'
    echo '{"Keys":{"key":{"S":"a"}},"NewImage":'"$one"',"_2":{"B":"e30="}}'
    echo '{"Records":['"$event"'],"more":" {\"t\":1}"}'
    echo '{"Item":'"$one"',"Keys":{"key":{"S":"b"}},"NewImage":'"$two}"
    echo '{"Records":[],"event":'"$event}"
    echo '{"Records":['"$event"'],"event":'"$event}"
    echo '{"messageType":"DATA_MESSAGE","logEvents":[],"event":'"$event}"
} | into 00
status refold run --no-compare -q h -a "$order" -r json=r.json
sums r.json
pick r.json damage.*.message
