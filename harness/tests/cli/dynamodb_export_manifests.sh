# SPDX-License-Identifier: MIT
# An export whose manifests are not whole, or of another form, is no history that passes for one.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/table.inc"
e=h/AWSDynamoDB/01-a
whole() {
    rm -rf h
    { item a 1 OrderCreated OrderApproved; echo; item b 1 OrderCreated; echo; } | data "$e/data" one
    { item a 3 OrderShipped; echo; } | data "$e/data" two
    manifests h 01-a
}
try() {
    echo "-- $1"
    status refold run --no-compare -q -r json=r.json -r text h -a "$order"
    pick r.json damage.*.object damage.*.message
}
whole
sed -i 's/"itemCount": 3, //' "$e/manifest-summary.json"
try "a summary without a count"
whole
rm "$e/manifest-summary.json"
try "no summary" # then nothing tells that it is an export
whole
manifests h 01-a ION
try "Amazon Ion"
whole
rm "$e"/manifest*
printf '$ion_1_0 {Item:{key:"a"}}\n' | member > "$e/data/one.ion.gz"
try "Amazon Ion, without manifests"
echo "-- it knows no hours, whatever its folder is called"
rm -r h
e=h/2026/07/01/AWSDynamoDB/01-a
{ item a 1 OrderCreated OrderApproved; echo; item b 1 OrderCreated; echo; } | data "$e/data" one
manifests h/2026/07/01 01-a
status refold cat -q --until 2026-07-02 h
status refold cat -q --since 2026-07-02 h
refold ls -q h
refold pack -q h -o h.pack
status refold cat -q --until 2026-07-02 h.pack
for source in h h.pack; do
    status refold doctor -q "$source"
done
