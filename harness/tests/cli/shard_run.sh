# SPDX-License-Identifier: MIT
# A run in two shards, one of them with a difference and a gap; and their reports put together.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d e f; do life $id 3; done; } | into 00
bless h -a "$order"
golden_edit '/"id":"[ab]"/s/"approved"/"paid"/'
{ life g 1; event g 3 OrderApproved; echo '{"no":"event"}'; } | into 01
for k in 1 2; do status refold run --shard $k/2 h -a "$order" -r text -r json=$k.json; done
sed -n '/"shard"/,/^  }/s/\("digest": \).*/\1DIGEST/; s/\("loaded": \).*/\1LOADED,/; /"shard"/,/^  }/p' 2.json
echo '# the whole of it'
status refold merge 1.json 2.json
status refold run -r text=whole.txt -q h -a "$order"
refold merge 2.json 1.json -r text=merged.txt -q || true
tail -n +1 merged.txt | diff whole.txt - && echo equal
echo '# ids that are nowhere'
for k in 1 2; do refold run -q --shard $k/2 --id a --id nobody h -a "$order" -r json=$k.json > one.txt 2> one.err || true; done
refold merge 1.json 2.json 2>&1 > /dev/null | grep nobody || true
printf 'a\nb\0c\n' > ids
for k in 1 2; do refold run -q --shard $k/2 --ids ids h -a "$order" -r json=$k.json > one.txt 2> one.err || true; done
refold merge 1.json 2.json 2>&1 > /dev/null | grep 'no instance' || true
echo '# a config that lists less, or an option that lists more'
printf '{"limits":{"listed":1}}' > refold.json
for more in '' '--limit listed=20000'; do
    for k in 1 2; do code refold run -q --shard $k/2 $more h -a "$order" -r json=$k.json; done
    (cd h && code refold merge -q ../1.json ../2.json -r text -r json=../merged.json)
    refold run -q $more h -a "$order" -r json=whole.json || true
    for file in merged whole; do pick $file.json differences damage > $file.txt; done
    cmp merged.txt whole.txt && grep -c '"id"' whole.txt
done
code refold run -q --shard 1/2 h -a "$order" -r json=1.json
code refold merge 1.json 2.json
echo '# a last day of a rule that no report has, for nothing is compared'
printf '{"aggregates":{"order":{"ignore":[{"path":"/items","reason":"random","until":"2026-12-31"}]}}}' > refold.json
for k in 1 2; do refold run -q --no-compare --today 2026-11-27 --shard $k/2 h -a "$order" -r json=$k.json > one.txt || true; done
refold merge -q 1.json 2.json -r json=merged.json || true
pick merged.json today
