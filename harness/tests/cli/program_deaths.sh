# SPDX-License-Identifier: MIT
# Whatever a program does, the event at which it did is named, and all others are folded.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
n=10
for deed in segv exit0 exit7 exit94 crash hello receipt applied number kind unknown status twice cut letters long json broken nan; do
    n=$((n + 1))
    add "$n-$deed" 1 && add "$n-$deed" 2 $deed && add "$n-$deed" 3
done | into 00
{ for id in a b c; do add $id 1; add $id 2; done; } | into 01
code refold run -q --no-compare -a "$counter" h -r json=r.json
python3 -SEc 'import json
for d in json.load(open("r.json"))["differences"]:
    print("%s @%s %s: %s" % (d["id"], d["version"], d["kind"], d["message"]))'
tallies r.json
