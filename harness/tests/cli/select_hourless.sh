# SPDX-License-Identifier: MIT
# An object without an hour is left out by --until, with a warning; what is missing is missing all the same.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 3; life b 3; } | into 00
bless h -a "$order"
rm -r h
life a 3 | into 00
echo 'about this folder' > h/README
status refold run h -a "$order" --until 2026-07-02
# A folder of a day tells no hour: --until cuts through it.
mkdir -p h/2026/07/03
life b 3 > h/2026/07/03/b
status refold run -q h -a "$order" --until 2026-07-03T12
