# SPDX-License-Identifier: MIT
# Two runs on the same input differ in timing alone, whatever the number of jobs.
. "$ROOT/harness/tests/cli/history.inc"
for hour in 00 01 02 03; do for id in a b c d e f g; do event $id $((1${hour} - 99)) OrderApproved; done | into $hour; done
bless h -a "$order"
golden_edit 's/"approved"/"paid"/'
for jobs in 1 2 7; do
    code refold run -j $jobs -r json=r$jobs.json h -a "$order"
    sed '/"timing"/d' r$jobs.json > r$jobs.untimed
done
cmp r1.untimed r2.untimed
cmp r1.untimed r7.untimed
sums r7.json
