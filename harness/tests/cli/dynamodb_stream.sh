# SPDX-License-Identifier: MIT
# What a table's stream tells is the history that was saved: by Lambda, by Kinesis Data Streams, and told twice.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/table.inc"
life a 3 | into 00
bless h -a "$order"
cat golden/order.ndjson
rm -r h

one=$(item a 1 OrderCreated)
two=$(item a 1 OrderCreated '2={"B":"eyJ0IjoiT3JkZXJJdGVtQWRkZWQiLCJkIjp7IklEIjoiYSIsIlZlcnNpb24iOjIsIkF0IjoiMjAyNi0wNy0wMVQwMDowMDowMloiLCJRdHkiOjIsIlByaWNlQ2VudHMiOjI1MH19"}')
three=$(printf '%s' "$two" | sed 's/}$/,"_3":{"B":"eyJ0IjoiT3JkZXJBcHByb3ZlZCIsImQiOnsiSUQiOiJhIiwiVmVyc2lvbiI6MywiQXQiOiIyMDI2LTA3LTAxVDAwOjAwOjAzWiJ9fQ=="}}/')
{ printf '{"Records":['; change INSERT "$one" ''; printf ','; change MODIFY "$two" "$one"; echo ']}'; } | into 00
{ change MODIFY "$three" "$two"; change REMOVE '' "$three"; } | into 01
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json history.envelopes

echo "-- a view of new images tells events again"
{ change INSERT "$one" ''; change MODIFY "$two" ''; change MODIFY "$three" ''; } | into 00
status refold run -q -e dynamodb-stream -r json=r.json h -a "$order"
sums r.json
status refold types -a "$order" h
