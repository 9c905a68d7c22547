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
