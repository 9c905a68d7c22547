# SPDX-License-Identifier: MIT
# Whether events of an id with and without an aggregate's name are of one instance nobody can tell who loads
# nothing: doctor, cat, types and show take them for two, say so, and never call that whole.
. "$ROOT/harness/tests/cli/history.inc"
bare() { flat order "$@" | sed 's/"aggregateType":"order",//'; }
echo '== two contents of a version'
flat order a 1 OrderCreated > events.json
flat order a 2 OrderApproved >> events.json
{ bare a 1 OrderCreated; bare a 2 OrderCancelled; } > tail.json
status refold run -q --no-compare events.json tail.json -a "$order"
status refold doctor -q events.json tail.json
status refold cat events.json tail.json
echo '== nothing is missing'
{ flat order a 1 OrderCreated; bare a 2 OrderApproved; flat order a 3 OrderPaid '{"AmountCents":0}'; } > events.json
status refold run -q --no-compare events.json -a "$order"
status refold doctor -q events.json
status refold types -q events.json
status refold show -q a events.json
mkdir -p h/2026/07/01/00
cp events.json "h/$(key 00)"
status refold cat --until 2026-07-02 h
echo '== the order of events of one time, without versions'
{ flat order a 1 OrderCreated '' 2026-07-01T00:00:00Z; bare a 2 OrderApproved '' 2026-07-01T00:00:00Z; } |
    sed 's/"version":[0-9]*,//' > events.json
status refold bless -q events.json -a "$order"
refold cat events.json > cat.json
status refold run -q -e flat -a "$order" - < cat.json
cat cat.json
echo '== records without a name beside payloads that were identified'
payloads="$PLUGINS/payloads.so"
payload() { printf '\001a|%s|Noted' "$1" | base64; }
{ event a 1 Noted; payload 2; payload 3; } > mixed.json
status refold run -q --no-compare mixed.json -a "$payloads"
status refold doctor -q mixed.json -a "$payloads"
payload 1 >> mixed.json
status refold run -q --no-compare mixed.json -a "$payloads"
status refold doctor -q mixed.json -a "$payloads"
echo '== of another aggregate, whose first version is lost'
{ flat file a 1 FileAdded; bare a 2 OrderApproved; } > events.json
status refold doctor -q events.json
echo '== the config tells it'
rm -r h
{ bare a 1 OrderCreated; flat order a 2 OrderApproved; } | into 00
status refold doctor -q h
echo '{"streams":[{"match":"orders","aggregate":"order"}]}' > refold.json
status refold doctor -q h
rm refold.json
echo '== two names: the rest stays apart'
{ flat order a 1 OrderCreated; flat file a 1 FileRenamed; bare a 1 Foo; } > events.json
status refold doctor -q events.json
status refold cat events.json
