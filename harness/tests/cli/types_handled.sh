# SPDX-License-Identifier: MIT
# Who handles a type: what is declared, skipped, not declared, of no loaded aggregate, and declared but not there.
. "$ROOT/harness/tests/cli/history.inc"
{
    life a 2
    event a 3 OrderViewed
    event a 4 OrderShiped
    event a 5 OrderShipped
    flat parcel a 0 Sent
    flat parcel a 1 Arrived
    flat parcel b 1 Sent
} | into 00
cat > refold.json << 'END'
{ "aggregates": { "order": { "skip": [ { "type": "OrderViewed", "reason": "no business of the order's" } ] } } }
END
status refold types h -a "$order"
listing h -a "$order" -a "$AGGREGATES/case.so"
python3 -SEc 'import json
for t in json.load(open("r.json"))["types"]:
    print(t["aggregate"], t["type"], t["handling"], t["handler"])'
pick r.json builds.*.aggregate unseen.*.type
# Two that declare one of the types of an id without an aggregate.
cp "$AGGREGATES/order.so" other.so
status refold types h -a "$PLUGINS/crasher.so" -a "$order" -q
