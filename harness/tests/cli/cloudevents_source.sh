# SPDX-License-Identifier: MIT
# Two events of CloudEvents are one where source and id are: a blank in the source would let others be one too.
. "$ROOT/harness/tests/cli/history.inc"
cloud() { printf '{"specversion":"1.0","source":"%s","id":"%s","subject":"s","type":"OrderCreated","time":1,"data":{}}\n' "$1" "$2"; }
{ cloud a 'b c'; cloud a 'b c'; cloud 'a b' c; } | into 00
status refold run --no-compare -q h -a "$order" -r json=r.json
pick r.json history.events history.duplicates history.malformed damage.*.message
