# SPDX-License-Identifier: MIT
# States are made again to be shown. A build that does otherwise then is told, and costs no other its states.
. "$ROOT/harness/tests/cli/history.inc"
export REFOLD_SANDBOX=off # the twins note in files where they have been
for n in 1 2 3 4 5 6; do
    { two die-$n 1 die-again add; two fell-$n 1 add die-again; two other-$n 1 add take; } | into 00 $n
done
{ two once 1 add-once take; two once 2 add add; } | into 00 7
{ two no 1 add add; two no 2 refuse-again take; } | into 00 8
{ two meets 1 add add-once; two meets 2 add take; two meets 3 take add; } | into 00 9
status refold compare -q "$twin_base" "$twin_head" h -j 1 -r json=r.json
pick r.json differences.*.id differences.*.message
python3 -SEc 'import json
for d in json.load(open("r.json"))["differences"]:
    print(d["id"], [(c["path"], c["old"], c["value"]) for c in d["changes"]])'
