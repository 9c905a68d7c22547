# SPDX-License-Identifier: MIT
# Keys that can be no file here, and what lies in the way of others: each is named, and the rest comes.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
mkdir -p s/a s/d
echo 1 > s/a/b
echo 2 > s/c
echo 3 > s/d/e
echo 4 > s/f
serve
printf '%s\n' a a/b c d/e f .refold-manifest.ndjson x/.refold-partial/y gone > keys
echo "--- a key that is a folder of another, fetch's own names, one that is not there"
fetch -o m
find m -type f | LC_ALL=C sort
echo "--- for programs"
fetch -o m --json | sed -n '/"failures"/,/^  \]/p'
echo "--- what is not listed counts as well"
echo '{"limits": {"listed": 1}}' > refold.json
fetch -o cut
rm refold.json
printf '%s\n' a/b c d/e f > keys
echo "--- files and folders that were not fetched, and a link, where objects are to be"
rm -r m/d m/f m/c m/a
echo mine > m/d
mkdir -p m/f/kept m/elsewhere
ln -s elsewhere m/a
echo 5 > s/c
fetch -o m
find m | LC_ALL=C sort
cat m/d
echo "--- refused by all: it does not go on for ever"
mkdir s/many
for n in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35; do
    echo 403 > faults/many_$n
    echo many/$n
done > keys
fetch -o n | sed -n '/in a row/p; /^exit/p'
