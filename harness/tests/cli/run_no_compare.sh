# SPDX-License-Identifier: MIT
# --no-compare needs no golden, and says that nothing was compared.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 5; } | into 00
status refold run --no-compare -r text -r json=r.json h -a "$order"
pick r.json verdict exit
tallies r.json
status refold run -q --no-compare --id y h -a "$order"
