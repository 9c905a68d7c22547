# SPDX-License-Identifier: MIT
# Differences that are alike are one cluster: map keys are *, the event is the last writer; from and to only where all share them.
. "$ROOT/harness/tests/cli/history.inc"
{
    for id in a b c; do flat case $id 1 Opened; flat case $id 2 "Step$id"; done
    for id in d e; do flat case $id 1 Opened; done
} | into 00
bless h -a "$AGGREGATES/case.so"
golden_edit 's/"Step\([abc]\)":1/"Step\1":2/; /"id":"[de]"/s/"lastType":"Opened"/"lastType":"Begun"/' case
status refold run -r text -r json=r.json h -a "$AGGREGATES/case.so"
pick r.json clusters.*.count clusters.*.paths clusters.*.from clusters.*.to clusters.*.event clusters.*.samples
sed -i '/"id":"e"/s/"lastType":"Begun"/"lastType":"Once"/' golden/case.ndjson
code refold run -r json=r.json h -a "$AGGREGATES/case.so"
pick r.json clusters.*.count clusters.*.paths clusters.*.from clusters.*.to clusters.*.event
