# SPDX-License-Identifier: MIT
# Links are followed, each loop once; a link to nowhere is a source that cannot be read.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
mv h real
mkdir h
ln -s ../real/2026 h/2026
ln -s .. real/2026/07/loop
bless h -a "$order"
status refold run -q -r json=r.json h -a "$order"
sums r.json
ln -s nowhere h/lost
status refold run -q -r json=r.json h -a "$order"
