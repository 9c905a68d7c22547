# SPDX-License-Identifier: MIT
# Impure code is named with the event and the cause; bless writes nothing of it.
. "$ROOT/harness/tests/cli/history.inc"
look() { # ID VERSION TYPE
    printf '{"id":"%s/%s","aggregateType":"impure","aggregateId":"%s","version":%s,"type":"%s","at":"2020-01-01T00:00:0%sZ","data":{}}\n' \
        "$1" "$2" "$1" "$2" "$3" "$2"
}
{
    look clock-1 1 Count; look clock-1 2 Look; look clock-1 3 Forget
    look none-1 1 Count
    look puretimes-1 1 Look
    look getenv-1 1 Count; look getenv-1 2 Refuse
} | into 00
impure="$PLUGINS/impure.so"
status refold run --no-compare --purity=all -a "$impure" h
echo "--- bless"
status refold bless -a "$impure" h
cat golden/impure.ndjson
echo "--- without"
status refold bless -q --purity=off -a "$impure" h
echo "--- compare"
status refold compare --purity -q -r json=r.json "$impure" "$impure" h
grep -o '"purity": .*' r.json
grep -o '"message": "[^"]*"' r.json
