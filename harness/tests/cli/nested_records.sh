# SPDX-License-Identifier: MIT
# Records in records: log events of CloudWatch, aggregates of the Kinesis Producer Library, joined base64; and what is wrong in them.
. "$ROOT/harness/tests/cli/history.inc"
forms=$ROOT/fixtures/forms
for object in cloudwatch-twice.gz kpl base64-joined.txt; do
    mkdir -p "h/$object/2017/06/22/10"
    cp "$forms/$object" "h/$object/2017/06/22/10/"
    echo "== $object"
    status refold run --no-compare -q -r json=r.json "h/$object" -a "$order"
    pick r.json history.records history.expanded history.empty history.folded history.envelopes
done
echo "== cloudwatch as the envelope"
status refold run --no-compare -q -e cloudwatch -r json=r.json h/cloudwatch-twice.gz -a "$order"
pick r.json history.folded history.envelopes
status refold run --no-compare -q -e cloudwatch -r json=r.json "$forms/kpl" -a "$order"
pick r.json history.malformed damage.0.message
echo "== what is wrong"
mkdir -p bad/2017/06/22/10
{
    echo '{"messageType":"DATA_MESSAGE","logEvents":[{"message":"START RequestId"},{"message":7},{"message":"{\"t\":"}]}'
    echo '{"messageType":"OTHER","logEvents":[]}'
    echo '{"messageType":"DATA_MESSAGE","logEvents":{}}'
    printf '\363\211\232\302\032'
    dd if="$forms/kpl" bs=1 skip=400 count=60 2> /dev/null
    echo
    echo '{"messageType":"CONTROL_MESSAGE","logEvents":[]}'
} > bad/2017/06/22/10/x.json
status refold run --no-compare -q -r json=r.json bad -a "$order"
pick r.json history.records history.empty damage.*.message
