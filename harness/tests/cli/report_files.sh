# SPDX-License-Identifier: MIT
# Reports go to files, whole or not at all; text to standard output unless another format without FILE does.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
bless h -a "$order"
refold run -q -r json h -a "$order" > json
pick json verdict exit
refold run -q -r json=r.json -r text=r.txt h -a "$order"
cat r.txt
refold run -q -r json=/dev/stderr -r text=- h -a "$order" 2> json
pick json verdict
pick r.json format verb proof.refold history.bytes
