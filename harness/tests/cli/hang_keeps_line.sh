# SPDX-License-Identifier: MIT
# Instances that hang keep their old line, and count against what was blessed.
. "$ROOT/harness/tests/cli/history.inc"
{ event hang-1 1 Added '"By":1'; event b 1 Added '"By":1'; } | into 00
bless h -a "$crasher"
event hang-1 2 Added '"By":1' | into 01
status refold bless -q --purity=off --timeout 0.3 h -a "$crasher"
cat golden/crasher.ndjson
status refold run -q --timeout 0.3 -r json=r.json h -a "$crasher"
tallies r.json
