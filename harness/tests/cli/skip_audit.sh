# SPDX-License-Identifier: MIT
# A type that the config skips and that does not occur is named; not where a selection may have left it out.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 3 OrderViewed; } | into 00
{ life b 2; } | into 01 2
cat > refold.json << 'END'
{"aggregates": {"order": {"skip": [{"type": "OrderViewed", "reason": "a view"}, {"type": "OrderSeen", "reason": "a look"}]},
                "file": {"skip": [{"type": "FileSeen", "reason": "not loaded"}]}}}
END
bless h -a "$order"
status refold run -r text -r json=r.json h -a "$order"
pick r.json skips.*.type skips.*.occurs
status refold run -q h -a "$order" --id b
status refold run -q h -a "$order" --until 2026-07-01T01
echo '# events of an aggregate that no one folds have the type: of it nothing is skipped'
{ flat order a 1 OrderCreated; flat parcel p 1 OrderCreated; flat parcel p 2 OrderSeen; } > flat.json
status refold run -q --no-compare -e flat -a "$order" -r json=r.json flat.json
pick r.json skips.*.occurs
echo '# a type that is named twice occurs in both places'
echo '{"aggregates":{"order":{"skip":[{"type":"OrderViewed","reason":"a"},{"type":"OrderSeen","reason":"b"},{"type":"OrderViewed","reason":"c"}]}}}' > refold.json
status refold run -q h -a "$order" -r text -r json=r.json
pick r.json skips.*.type skips.*.occurs
