# SPDX-License-Identifier: MIT
# What is no longer there goes only when that is asked for, and only what was fetched.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
mkdir -p s/a s/b
for key in a/1 a/2 b/1 c; do echo "$key" > s/$key; done
serve
keys
fetch -q -o m
rm -r s/b s/c
keys
echo mine > m/mine
mkdir m/b/kept
echo "--- without --delete they stay, and are told"
fetch -o m
fetch -v -o m | sed -n '/no longer/,/^manifest/p'
echo "--- what would be removed"
fetch --delete --dry-run -o m
find m -type f | LC_ALL=C sort
echo "--- what can no longer be had is not the same, whatever the refusal says of it"
echo 403 > faults/a_1
fetch -o m
rm faults/a_1
fetch -q -o m
echo "--- nor is what no ETag is told of any more"
echo bare > faults/a_1
fetch -o m
rm faults/a_1
fetch -q -o m
echo "--- not while something could not be fetched"
echo 403 > faults/a_2
echo new > s/a/2
fetch --delete -o m
rm faults/a_2
echo "--- removed, with the folders that are empty then; what was not fetched stays"
fetch --delete -o m
find m | LC_ALL=C sort
fetch --delete -o m
echo "--- a link in the place of what is to go is not what was fetched"
echo x > s/x
keys
fetch -q -o m
rm s/x
keys
echo outside > outside
ln -sf ../outside m/x
fetch --delete -o m
ls -l m/x | sed 's/.* m/m/'
cat outside
