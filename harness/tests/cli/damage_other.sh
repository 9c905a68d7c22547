# SPDX-License-Identifier: MIT
# More gaps or conflicts than instances, and not just a few: versions count the events of all, or ids are alike.
. "$ROOT/harness/tests/cli/history.inc"
advice() { status refold run h --no-compare -a "$order" | grep -E "^(to mend|exit)"; }
echo "--- versions that count the events of all instances"
for n in 0 1 2 3 4 5; do flat order a $((4 * n + 1)) OrderShipped; flat order b $((4 * n + 3)) OrderShipped; done | into 00
advice
echo "--- two tenants have the same ids"
rm -rf h
for n in 1 2 3 4 5 6 7 8 9 10; do flat order a "$n" OrderShipped; flat order a "$n" OrderShipped '{"of":"another"}'; done | into 00
advice
echo "--- a beginning that is not there: a gap for each instance, which nothing else explains"
rm -rf h
for n in 0 1 2 3 4 5 6 7 8 9; do flat order "o$n" 2 OrderShipped; done | into 00
advice
status refold doctor h | grep -A 9 ^versions
echo "--- with what may hold it"
rm -rf h
for n in 1 2 4 5; do life a 5 | sed -n "${n}p" | into "0$n"; done
status refold doctor h | grep -A 9 ^versions
