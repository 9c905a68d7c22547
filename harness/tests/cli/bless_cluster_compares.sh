# SPDX-License-Identifier: MIT
# A part is chosen out of what a run shows with the same words: --ignore, --at-head, --id, config.
. "$ROOT/harness/tests/cli/history.inc"
keys() { pick "$1" clusters.*.key clusters.*.count; }
versions() { sed 's/.*"id":"\([^"]*\)".*"status":"\([a-z]*\)".*"version":\([0-9]*\)}$/\1 \2 @\3/' golden/order.ndjson; }
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order"
golden_edit 's/"totalCents":500/"totalCents":700/; s/"items":1/"items":9/'
rm -r h
{ life a 3; life b 2; life c 2; } | into 00
code refold run --ignore /items -r json=r.json h -a "$order"
keys r.json
code refold bless --dry-run --ignore /items -r json=r.json h -a "$order"
keys r.json
echo '# an ignored path is written with the rest of an accepted line'
status refold bless -q --cluster 802b --id b --ignore /items h -a "$order"
grep -o '"id":"[a-z]"\|"items":[0-9]*\|"totalCents":[0-9]*' golden/order.ndjson | paste -sd' '
versions
echo '# at head: the last state is shown, and written'
code refold run --at-head -r json=r.json h -a "$order"
keys r.json
key=$(sed -n 's/.*"key": "\([0-9a-f]*\)".*"count": 1.*/\1/p' r.json | head -n 1)
status refold bless -q --at-head --cluster "$key" h -a "$order"
versions
