# SPDX-License-Identifier: MIT
# Records that are like one before them are held to all that others are: whichever comes first, the same is told.
. "$ROOT/harness/tests/cli/history.inc"
case="$AGGREGATES/case.so"
seen() { printf '{"aggregateId":"%s","aggregateType":"case","version":%s,"type":"T","at":1,"data":{"x":"%s"}%s}\n' "$1" "$2" "$3" "${4:-}"; }
long=$(printf '%01200d' 0)
told() {
    status refold run --no-compare -q -r json=r.json h -a "$case" "$@"
    pick r.json history.events history.malformed damage.*.message
}
echo "== longer than a record may be: behind short ones, and in front of them"
{ seen a 1 s; seen b 1 "$long"; seen c 1 s; } | into 00
told --limit record=1K
{ seen b 1 "$long"; seen a 1 s; seen c 1 s; } | into 00
told --limit record=1K
echo "== no event of the envelope, but a record of CloudWatch's"
message='{\"aggregateId\":\"z\",\"aggregateType\":\"case\",\"version\":1,\"type\":\"T\",\"at\":1,\"data\":{\"q\":1}}'
logs=',"messageType":"DATA_MESSAGE","logEvents":[{"message":"'$message'"}]'
{ seen a 1 s "$logs"; seen b -1 s "$logs"; } | into 00
told -e flat
{ seen b -1 s "$logs"; seen a 1 s "$logs"; } | into 00
told -e flat
echo "== no time, where only what was kept beside a golden may lack it"
cloud() { printf '{"specversion":"1.0","id":"e%s","source":"s","subject":"a","sequence":%s,"type":"%s","data":{}}\n' "$1" "$1" "$2"; }
{ cloud 1 OrderCreated; for n in $(seq 3 29); do cloud "$n" OrderApproved; done; } | into 00
status refold bless h -q -a "$order" --until 2026-07-02 -g day
sed 's/"version":3/"version":2/; q' day/order.pending.ndjson > late
rm -r h; into 00 < late
pointers=id=/id,aggregate=/aggregate,version=/version,type=/type,at=/at,data=/data
status refold run --no-compare -q -r json=r.json -e $pointers --from day --since 2026-07-01 h -a "$order"
pick r.json history.events history.malformed damage.*.message
