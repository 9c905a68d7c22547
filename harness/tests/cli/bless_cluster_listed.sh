# SPDX-License-Identifier: MIT
# What stays a difference when a cluster is accepted is listed, however many others there were before it.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b; do event $id 1 Added '"By":1'; done; } | into 00
bless h -a "$crasher"
{ for id in a b; do event $id 1 Added '"By":3'; done
  for id in segv-1 segv-2; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; done; } | into 00
code refold run -q -r json=r.json h -a "$crasher"
key=$(python3 -SEc 'import json; print(*(c["key"] for c in json.load(open("r.json"))["clusters"] if c["kind"] == "changed"))')
for how in --dry-run ''; do
    code refold bless -q $how --cluster "$key" --limit listed=1 -r json=r.json h -a "$crasher"
    pick r.json differences_total differences.*.id differences.*.kind
done
