# SPDX-License-Identifier: MIT
# However many changes a difference has, and however few are told, all of them part clusters: what is accepted is what was seen.
. "$ROOT/harness/tests/cli/history.inc"
told() {
    code refold run -r json=r.json "$@" h -a "$order"
    pick r.json clusters.*.key clusters.*.count clusters.*.event clusters.*.samples clusters.*.paths.0 clusters.*.paths.200 differences.*.changes_total
    pick r.json clusters.*.paths | grep -o '"/[^k][^"]*"' || true
}
{ life a 3; life b 3; life c 2; } | into 00
bless h -a "$order"
cp golden/order.ndjson good
lost=$(seq -f '"k%03g":0,' 1 250 | tr -d '\n')
golden_edit '/"id":"c"/s/500/700/; /"id":"[ab]"/s/"status"/'"$lost"'&/; /"id":"b"/s/"approved"/"lost"/'
echo '# 250 changes, and 251'
told
echo '# one of them is told: the keys are the same'
told --limit changes=1
key=$(sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p' r.json | head -n 1)
echo '# the one is accepted, and the other is not'
status refold bless -q --cluster "$key" --limit changes=1 h -a "$order"
diff good golden/order.ndjson | grep -o '^[<>]\|"id":"."\|"status":"[a-z]*"\|"totalCents":[0-9]*' | paste -sd' '
code refold run -r json=r.json h -a "$order"
pick r.json clusters.*.samples
refold run h -a "$order" | grep paths
cat golden/order.reviews.jsonl | cut -c1-200
