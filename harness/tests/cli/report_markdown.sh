# SPDX-License-Identifier: MIT
# Markdown of small runs: the same, changed, over damage, not replayed; of a bless.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; life '`c|<d>@e' 1; } | into 00
status refold bless -r markdown h -a "$order"
status refold run -r markdown h -a "$order"
golden_edit 's/"created"/"lost"/'
life d 1 | into 01
status refold run -r markdown h -a "$order"
event a 4 OrderShipped | into 02
status refold run -r markdown=r.md -q h -a "$order"
grep -A 12 '### Damage' r.md
status refold run -r markdown h -a nowhere.so
