# SPDX-License-Identifier: MIT
# Reports whose lists do not bear out their counts are not merged, though their digest fits.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d; do life $id 2; done; } | into 00
bless h -a "$order"
golden_edit 's/"items":1/"items":4/'
echo 'not an event' | into 01 2
for k in 1 2; do refold run -q --shard $k/2 -r json=$k.json h -a "$order" > run.txt 2>&1 || echo "exit $?"; done
forge_one() { # SED-SCRIPT NUMBER
    python3 -SEc 'import hashlib, re, sys
text = sys.stdin.read()
at = text.index(",\n    \"digest\": ")
digest = hashlib.sha256(text[:at].encode()).hexdigest()
open(sys.argv[1], "w").write(re.sub("(\"digest\": \")[0-9a-f]*", r"\g<1>" + digest, text))' "forged$2.json" << END
$(sed "$1" "$2.json")
END
    [ -z "$1" ] || ! cmp -s "$2.json" "forged$2.json" || echo 'nothing is changed'
}
forge() { # SED-SCRIPT
    echo "--- $1"
    forge_one "$1" 1
    code refold merge -q forged1.json 2.json
}
forge_both() { # SED-SCRIPT
    echo "--- both: $1"
    forge_one "$1" 1
    forge_one "$1" 2
    code refold merge -q forged1.json forged2.json
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
echo '-- of builds of which nobody knows what was loaded'
forge_both '/^    "loaded": /d'
forge_both 's/"loaded": \[.*\]/"loaded": []/'
echo '-- where not all damage is listed the counts stand alone'
for hour in 02 03 04; do echo 'not an event' | into $hour 2; done
for k in 1 2; do refold run -q --limit listed=2 --shard $k/2 -r json=$k.json h -a "$order" > run.txt 2>&1 || echo "exit $?"; done
forge_both 's/"known_of_all": {}/"known_of_all": {"unreadable": 4}/'
forge_both 's/"known_of_all": {}/"known_of_all": {"unreadable": 5}/'
forge_both 's/"known_of_all": {}/"known_of_all": {"truncated": 1}/'
