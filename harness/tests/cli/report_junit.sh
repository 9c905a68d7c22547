# SPDX-License-Identifier: MIT
# The whole JUnit report of small runs: the same, changed, over damage, not replayed.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; life '<c>' 1; } | into 00
bless h -a "$order"
status refold run -r junit h -a "$order"
golden_edit 's/"created"/"lost"/'
life d 1 | into 01
code refold run -r junit=r.xml h -a "$order"
cat r.xml
event a 4 OrderShipped | into 02
code refold run -r junit=r.xml h -a "$order"
grep -A 9 'name="refold-damage"' r.xml
status refold run -q -r junit=r.xml -r text h -a nowhere.so
cat r.xml
