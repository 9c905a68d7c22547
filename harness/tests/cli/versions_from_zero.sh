# SPDX-License-Identifier: MIT
# "first" in the config is the first version; one below it is malformed.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 0 OrderCreated; event a 1 OrderApproved; } | into 00
status refold run --no-compare -q -r json=r.json h -a "$order"
sums r.json
echo '{ "aggregates": { "order": { "first": 0 } } }' > refold.json
status refold bless -q -r json=r.json h -a "$order"
sums r.json
cat golden/order.ndjson
event b 1 OrderCreated | into 01
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.id damage.*.version damage.*.message
echo 'by an aggregate that takes all: its name is the one that says it'
rm -r h refold.json golden
{ flat wallet a 0 Opened; flat wallet a 1 Closed; } | into 00
cat > by_event.json << 'END'
{ "aggregates": { "wallet": { "first": 0 } } }
END
sed 's/wallet/case/' by_event.json > by_build.json
status refold run --no-compare h -a "$AGGREGATES/case.so"
status refold run --no-compare -q h -a "$AGGREGATES/case.so" -C by_event.json -r json=r.json
pick r.json warnings
status refold run --no-compare -q h -a "$AGGREGATES/case.so" -C by_build.json
echo 'a name of no event, a part that works under the name of events, one that is loaded: nothing to say'
echo '{"aggregates":{"purse":{"first":0},"wallet":{"report_values":["/a"]},"order":{"first":0}}}' > refold.json
status refold run --no-compare -q h -a "$AGGREGATES/case.so" -a "$order" -j 1
