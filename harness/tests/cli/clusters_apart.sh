# SPDX-License-Identifier: MIT
# Clusters part by aggregate, kind, event and paths; the largest stands first.
. "$ROOT/harness/tests/cli/history.inc"
{
    for id in a b c; do life $id 2; done
    life d 1
    life e 5
    flat ticket a 1 Opened
} | into 00
both="-a $order -a $AGGREGATES/case.so"
bless h $both
golden_edit 's/"status":"[a-z]*"/"status":"lost"/'
golden_edit 's/"lastType":"Opened"/"lastType":"Lost"/' ticket
code refold run -r json=r.json h $both
pick r.json clusters.*.aggregate clusters.*.kind clusters.*.event clusters.*.paths clusters.*.from clusters.*.to clusters.*.count
