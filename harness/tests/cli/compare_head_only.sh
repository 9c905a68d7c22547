# SPDX-License-Identifier: MIT
# An aggregate that only HEAD has: its ids are claimed as where it is loaded, by what they stand under and
# by their types, and nothing of BASE's folds them. They are unclaimed, which is told.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
{
    for id in a b; do add $id 1; add $id 2; done
    for id in x y z; do add $id 1 '' Subtracted; done
} | into 00
for name in adder both greedy twins stars; do cp "$counter" $name; done
status refold run -q --no-compare -a ./both h
status refold compare ./adder ./both h -r text -r json=r.json
pick r.json verdict aggregates.*.name warnings
status refold compare ./adder ./both h --id x
# What takes everything takes nothing that another declares; nor what the one of HEAD takes.
status refold compare "$counter" ./twins h
status refold compare ./adder ./greedy h
# From a pack too, and where nothing may be unclaimed.
status refold pack -q h -o p
status refold compare ./adder ./both p
echo '{ "policy": { "unclaimed": "error" } }' > refold.json
status refold compare ./adder ./both h
# By the stream that they stand in, whatever their types are.
echo '{ "streams": [ { "match": "orders", "aggregate": "second" } ] }' > refold.json
status refold compare ./adder ./both h
rm -r refold.json h
# By the envelope, where the types are the other's.
{ flat counter a 1 Added; flat second a 1 Added; flat second b 1 Added; } | into 00
status refold compare ./adder ./both h
rm -r h
# Types of both: as where both are loaded.
{ add m 1; add m 2 '' Subtracted; } | into 00
status refold run -q --no-compare -a ./both h
status refold compare -q ./adder ./both h
# Both would take everything.
status refold compare "$counter" ./stars h
