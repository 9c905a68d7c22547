# SPDX-License-Identifier: MIT
# -q prints the verdict alone, -v more than is printed otherwise.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d e; do life $id 2; done; } | into 00
bless h -a "$order"
golden_edit 's/"created"/"lost"/'
code refold run h -a "$order"
refold run h -a "$order" > plain || true
refold run -q h -a "$order" > quiet || true
refold run -v h -a "$order" > verbose || true
cat quiet
grep -c . plain quiet verbose | sed 's/:.*[0-9][0-9]/: many/'
grep -c '^changed: order' plain quiet verbose || true
