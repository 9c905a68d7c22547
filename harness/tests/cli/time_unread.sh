# SPDX-License-Identifier: MIT
# A time that is none is shown, escaped and cut, but where values are private: the pointer may be mistaken.
. "$ROOT/harness/tests/cli/private.inc"
at() { printf '{"aggregateType":"keeper","aggregateId":"%s","version":1,"type":"Set","at":%s,"data":{}}\n' "$1" "$2"; }
{ at a '"2026-07-01 00:00"'; at b '"1782864000"'; at d '"\u001b[2J"'; at e '["ann@example.org"]'
  at f '"a text that is so long that no one wants to read all of it, least of all here"'; at g 1782864000; } | into 00
config
status refold run --no-compare h
refold pack -q h -o h.pack 2> /dev/null || echo "pack: exit $?"
config '"private":["/kept/email"]'
for source in h h.pack; do
    status refold run --no-compare -q -r json=r.json $source 2>&1
    pick r.json damage.*.message
done
config '"private":["/kept/email"],"private_data":[]'
status refold doctor -q --json h > doctor.json
grep -c 'not told' doctor.json
if grep -r 'ann@' doctor.json r.json; then echo 'a value is there'; fi
echo "- in CI, where it is said what may be shown"
config '"report_values":["/plan"]'
CI=1 status refold run --no-compare -q -r json=r.json h 2> /dev/null
pick r.json damage.0.message
