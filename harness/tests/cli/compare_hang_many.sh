# SPDX-License-Identifier: MIT
# Where BASE hangs twenty times its rest is not folded, and what is not folded is not compared.
. "$ROOT/harness/tests/cli/history.inc"
for n in 0 1 2; do for id in a b c d e f g h; do two $id$n 1 hang add; done; done | into 00
status refold compare -j 1 --timeout 0.02 -q -r text -r json=r.json "$twin_base" "$twin_head" h 2>&1
sums r.json
tallies r.json
