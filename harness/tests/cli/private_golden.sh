# SPDX-License-Identifier: MIT
# A golden of another key, of another list of private pointers, or of none, is told before anything is read.
. "$ROOT/harness/tests/cli/private.inc"
{ person a ann@example.org free; person b bob@example.org free; } | into 00
config ''
bless h
config '"private":["/kept/email"]'
code refold run h
code refold bless h --id a
code refold bless h --dry-run
code refold bless h --until 2026-07-01T01
echo "- a bless of all makes it new"
code refold bless h
code refold run h -q
echo "- another list, none, another key"
config '"private":["/kept/email",{"path":"/kept/book/*/phone","keys":"shown"}]'
code refold run h
config ''
code refold run h
code refold run h -q --no-compare
config '"private":["/kept/email"]'
REFOLD_PRIVATE_KEY=$key_two code refold run h
REFOLD_PRIVATE_KEY=$key_two code refold bless h
code refold run h
code refold bless h -q
echo "- nothing goes on from hashes"
code refold run h --from golden -g elsewhere
code refold golden prove golden h
config ''
code refold run h --from golden --no-compare
code refold golden prove golden h
echo "- a golden whose meta file is gone, or is none"
config '"private":["/kept/email"]'
cp -r golden bare; rm bare/keeper.meta.json
code refold run h -g bare
cp -r golden torn; sed -i 's/"check":"[0-9a-f]*"/"check":7/' torn/keeper.meta.json
code refold run h -g torn -q
echo "- an instance that crashes keeps no line of another key"
{ person a ann@example.org free; flat keeper b 1 Fall '{}'; } | into 00
code refold bless h -q
REFOLD_PRIVATE_KEY=$key_two code refold bless h
cut -c 30-120 golden/keeper.ndjson
echo "- digest goldens as well"
{ person a ann@example.org free; person b bob@example.org free; } | into 00
code refold bless h -q -g digests --digest
code refold run h -q -g digests
REFOLD_PRIVATE_KEY=$key_two code refold run h -q -g digests
REFOLD_PRIVATE_KEY=$key_two code refold bless h -q -g digests
REFOLD_PRIVATE_KEY=$key_two code refold run h -q -g digests
echo "- care needs no key, and keeps what the meta file tells"
REFOLD_PRIVATE_KEY=$key_two code refold bless h -q
unset REFOLD_PRIVATE_KEY
person a ann@example.org free | into 00
refold golden prune h -g golden
grep -o '"private":{[^}]*}' golden/keeper.meta.json
code refold golden prune h -q -g digests
code refold golden verify golden
code refold golden verify digests
REFOLD_PRIVATE_KEY=$key_two code refold run h -q
REFOLD_PRIVATE_KEY=$key_two code refold run h -q -g digests
