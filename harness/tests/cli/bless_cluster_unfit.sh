# SPDX-License-Identifier: MIT
# Whatever cluster is accepted, what crashed stays a difference, and none but that is left: 1.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b; do event $id 1 Added '"By":1'; done; } | into 00
bless h -a "$crasher"
{ for id in a b; do event $id 1 Added '"By":3'; done
  for id in segv-1 segv-2; do event $id 1 Added '"By":1'; event $id 2 Added '"By":2'; done; } | into 00
status refold run -q -r json=r.json h -a "$crasher"
pick r.json differences_total clusters.*.kind clusters.*.count clusters.*.key
key=$(python3 -SEc 'import json; print(*(c["key"] for c in json.load(open("r.json"))["clusters"] if c["kind"] == "changed"))')
status refold bless -q --cluster "$key" -r json=r.json h -a "$crasher"
pick r.json exit verdict differences_total clusters.*.kind clusters.*.count differences.*.id differences.*.kind
cat golden/crasher.ndjson
