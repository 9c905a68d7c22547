# SPDX-License-Identifier: MIT
# What an export's manifest names and is not there, or is another, is damage: never a history that is short without a word.
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
rm "$e/data/one.json.gz"
try "a data file is gone"
whole
{ item a 1 OrderCreated OrderApproved; echo; } | data "$e/data" one
try "a data file holds less"
whole
{ item a 1 OrderCreated OrderApproved; echo; item b 1 OrderCreated OrderShipped; echo; } | data "$e/data" one
try "a data file is another"
whole
mv "$e/data/two.json.gz" "$e/data/two"
echo "no item" | member > "$e/data/two"
sed -i 's|two.json.gz|two|' "$e/manifest-files.json"
try "a data file holds something else, and its name is no packer's"
whole
rm "$e/manifest-files.json"
try "no list of data files"
whole
sed -i 1d "$e/manifest-files.json"
try "the list of data files is short"
for empty in summary files "summary files"; do
    whole
    rm "$e/data/one.json.gz"
    for name in $empty; do : > "$e/manifest-$name.json"; done
    try "a data file is gone, and of no bytes: $empty"
done
rm "$e/manifest-summary.json"
try "and no summary"
whole
sed -i '1s/}$//' "$e/manifest-files.json"
try "the list of data files is damaged"
whole
sed -i '1s/"itemCount":2/"itemCount":"2"/; 2s|/data/|/../|' "$e/manifest-files.json"
try "lines that are none"
whole
sed -i '2s|"AWSDynamoDB/01-a/data/two.json.gz"|"AWSDynamoDB/01-a/manifest-summary.json"|' "$e/manifest-files.json"
try "a manifest as a data file"
