# SPDX-License-Identifier: MIT
# What is merged is counted as it was: crashes as crashes, what a rule swallowed once, and damage that is known.
. "$ROOT/harness/tests/cli/history.inc"
for id in a b c d e f; do life $id 3; done | into 00
printf '{"aggregates":{"order":{"ignore":["/updatedAt"]}}}\n' > refold.json
bless -q h -a "$order"
golden_edit 's/"updatedAt":"2026/"updatedAt":"1999/'
# whole_and_merged ARGUMENT...: one run, and three shards put together.
whole_and_merged() {
    status refold run -q -r json=whole.json "$@"
    for k in 1 2 3; do status refold run -q --shard $k/3 -r json=$k.json "$@"; done
    status refold merge -q -r json=merged.json 1.json 2.json 3.json
    for report in whole merged; do
        tallies $report.json
        pick $report.json ignores.*.changes ignores.*.instances ignores.*.only
    done
}
whole_and_merged h -a "$order"
rm -r h golden refold.json
for id in a b segv-1 c exit-1 d; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; done | into 00
whole_and_merged h -a "$crasher" --no-compare
rm -r h
for id in a b c d e f; do event $id 1 OrderCreated; event $id 3 OrderPaid '"AmountCents":500'; done | into 00
status refold bless -q h -a "$order" --accept-damage lost
whole_and_merged h -a "$order"
pick merged.json known_damage.*.state known_damage.*.found
echo "--- cut short: each shard knows of its own"
rm -r h golden
for id in a b c d e f; do life $id 3; done | into 00
status refold bless -q h -a "$order"
for id in a b c d e f; do life $id 2; done | into 00
whole_and_merged h -a "$order"
for report in whole merged; do pick $report.json damage.*.id damage_counts; done
