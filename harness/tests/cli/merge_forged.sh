# SPDX-License-Identifier: MIT
# Reports whose lists do not bear out their counts are not merged, though their digest fits.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d; do life $id 2; done; } | into 00
bless h -a "$order"
golden_edit 's/"items":1/"items":4/'
echo 'not an event' | into 01 2
for k in 1 2; do refold run -q --shard $k/2 -r json=$k.json h -a "$order" > run.txt 2>&1 || echo "exit $?"; done
forge() { # SED-SCRIPT
    echo "--- $1"
    python3 -SEc 'import hashlib, re, sys
text = sys.stdin.read()
at = text.index(",\n    \"digest\": ")
digest = hashlib.sha256(text[:at].encode()).hexdigest()
open("forged.json", "w").write(re.sub("(\"digest\": \")[0-9a-f]*", r"\g<1>" + digest, text))' << END
$(sed "$1" 1.json)
END
    [ -z "$1" ] || ! cmp -s 1.json forged.json || echo 'nothing is changed'
    code refold merge -q forged.json 2.json
}
forge ''
forge '/^  "differences": \[/,/^  \]/c\  "differences": [],'
forge '/^  "clusters": \[/,/^  \]/c\  "clusters": [],'
forge 's/"differences_total": [0-9]*/"differences_total": 9/'
forge 's/"known_of_all": {}/"known_of_all": {"unreadable": 1}/'
forge 's/"known_of_all": {}/"known_of_all": {"truncated": 1}/'
forge 's/"damage_of_all": {"unreadable": 1/"damage_of_all": {"truncated": 1/'
forge 's/"kind": "unreadable"/"kind": "untold"/'
forge '/^  "damage": \[/,/^  \]/c\  "damage": [],'
