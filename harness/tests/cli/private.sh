# SPDX-License-Identifier: MIT
# Private values stand in goldens and reports as hashes, and are compared all the same.
. "$ROOT/harness/tests/cli/private.inc"
config '"private":["/kept/email","/kept/book/*/phone"]'
{ person a ann@example.org free; person b bob@example.org free; person c ann@example.org paid
  flat keeper d 1 Refuse '{"email":"dan@example.org"}'; } | into 00
# Of what it refuses it tells what stands in its environment.
bless h --purity=off
cat golden/keeper.ndjson golden/keeper.meta.json
status refold run h
echo "- an address changes, and a plan"
{ person a eve@example.org free; person b bob@example.org paid; person c ann@example.org paid
  flat keeper d 1 Refuse '{"email":"dora@example.org"}'; } | into 00
status refold run h
echo "- one instance; the data of its events is private as a whole, or what is said of it"
refold show a h --path /kept/book/eve@example.org/phone
refold show a h
config '"private":["/kept/email","/kept/book"],"private_data":["/email",{"path":"/book/*/phone","keys":"shown"}]'
refold show a h
refold types h -v
config '"private":["/kept/email"]'
refold types h
echo "- nothing of it is left"
if grep -r 'ann@\|bob@\|dan@\|dora@\|555' golden; then echo 'a value is there'; fi
