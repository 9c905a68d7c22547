# SPDX-License-Identifier: MIT
# A table's export to S3 is a history, at whichever of its folders the source begins; its manifests are held against it.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/table.inc"
e=h/AWSDynamoDB/01-a
{ item a 1 OrderCreated OrderApproved; echo; item b 1 OrderCreated; echo; } | data "$e/data" one
{ item a 3 OrderShipped; echo; } | data "$e/data" two
: > "$e/_started"
manifests h 01-a
bless h -a "$order"
cat golden/order.ndjson
for source in h h/AWSDynamoDB "$e"; do
    status refold run -q -r json=r.json "$source" -a "$order"
done
sums r.json
pick r.json history.envelopes history.foreign_names
echo "-- whatever envelope is asked for: an export says itself what it is"
status refold run -q h -a "$order" -e eventsource
echo "-- a pack keeps what was found"
status refold pack -q h -o h.pack
status refold run -q h.pack -a "$order"
status refold run -q --verify h h.pack -a "$order"
echo "-- a manifest that came after the pack, or that tells something else now"
mv "$e/manifest-files.json" "$e/manifest-summary.json" .
refold pack -q h -o early.pack
cp manifest-files.json manifest-summary.json "$e"
status refold run -q h early.pack -a "$order"
status refold pack -q h --without early.pack -o day.pack
sed -i '1s/"itemCount":2/"itemCount":1/; 2s/"itemCount":1/"itemCount":2/' "$e/manifest-files.json"
rm "$e/manifest-summary.json"
cp manifest-summary.json "$e"
status refold run -q --verify h h.pack -a "$order"
cp manifest-files.json "$e"
refold pack -q h.pack -o copy.pack
status refold run -q --verify h copy.pack -a "$order"
echo "-- in an archive"
tar cf h.tar h
status refold run -q h.tar -a "$order"
echo "-- incremental ones lie beside their manifests, and tell of one event more than once"
i=h/AWSDynamoDB/data
mkdir -p "$i"
{
    printf '{"Metadata":{"WriteTimestampMicros":{"N":"1680109764000000"}},"Keys":{"key":{"S":"b"}},"OldImage":%s,"NewImage":%s}\n' \
        "$(item b 1 OrderCreated)" "$(item b 1 OrderCreated OrderCancelled)"
    printf '{"Metadata":{"WriteTimestampMicros":{"N":"1680109764000000"}},"Keys":{"key":{"S":"c"}}}\n'
} | member > "$i/three.json.gz"
manifests h 02-b DYNAMODB_JSON data
status refold run -q -r json=r.json h -a "$order"
sums r.json
status refold run --no-compare -q -r json=r.json h/AWSDynamoDB/02-b -a "$order"
pick r.json damage.*.object damage.*.message
