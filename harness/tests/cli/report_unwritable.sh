# SPDX-License-Identifier: MIT
# A report that cannot be written: 5, which goes before 1; the others are written, and what lay there stays.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
code refold run -r json=nowhere/r.json h -a "$order"
mkdir folder
code refold run -r json=folder h -a "$order"
ls -A folder
golden_edit 's/created"/lost"/'
code refold run -r json=nowhere/r.json -r json=r.json h -a "$order"
pick r.json exit changed verdict
status refold run -q -r json=folder/nowhere/r.json h -a "$order" | tail -n 1
echo '# pipes and devices are written behind all files, and standard output last: they tell of what failed'
refold bless h -q -a "$order"
mkfifo pipe
for reports in '-r json=pipe -r tap=nowhere/r.tap' '-r tap=nowhere/r.tap -r json=pipe'; do
    cat pipe > got &
    code refold run -q h -a "$order" $reports
    wait
    pick got exit unwritten
done
code refold run -q h -a "$order" -r tap -r json=nowhere/r.json
