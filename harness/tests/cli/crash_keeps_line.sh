# SPDX-License-Identifier: MIT
# Instances that crash keep their old line.
. "$ROOT/harness/tests/cli/history.inc"
{ event segv-1 1 Added '"By":1'; event b 1 Added '"By":1'; } | into 00
bless h -a "$crasher"
{ event segv-1 1 Added '"By":1'; event segv-1 2 Added '"By":1'; event b 1 Added '"By":1'; event b 2 Added '"By":1'; } | into 00
status refold bless h -a "$crasher"
cat golden/crasher.ndjson
status refold run -q -r json=r.json h -a "$crasher"
tallies r.json
sums r.json
