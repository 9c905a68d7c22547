# SPDX-License-Identifier: MIT
# An aggregate that dies of a payload costs that one; at the twentieth it ends.
. "$ROOT/harness/tests/cli/identify.inc"
so=$PLUGINS/payloads.so
fill() { # FIRST COUNT
    for n in $(seq "$1" $(($1 + $2 - 1))); do payload 001 "i-$n|1|Noted"; done
}
for byte in 002 003 005 006; do
    { fill 100 30; payload "$byte" deadly; fill 200 30; } | object x.json
    status refold doctor --timeout 0.2 --aggregate-memory 64M -a "$so" h | brief
done
echo "--- two in a row, and alone"
{ payload 002 deadly; payload 005 deadly; fill 100 3; } | object x.json
status refold doctor -j 1 -a "$so" h | brief
payload 002 alone | object x.json
status refold doctor -a "$so" h | brief
echo "--- nineteen, and twenty"
for count in 19 20; do
    for n in $(seq "$count"); do payload 002 "deadly-$n"; payload 001 "i-$n|1|Noted"; done | object x.json
    status refold doctor -q -a "$so" h
done
echo "--- whatever the object is called: what is lost is no foreign object"
rm -r h
payload 001 'a|1|Noted' | object good.json
for byte in 002 003 004 005 006 010 013; do
    payload "$byte" deadly | object part-00001
    status refold run -q --no-compare --timeout 0.2 --aggregate-memory 64M -a "$so" h 2> /dev/null
done
