# SPDX-License-Identifier: MIT
# A server's objects come into a folder, once; a run of it is one of the server.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
life a 3 | member | into 00 1
life b 2 | member | into 01 2
bless h -a "$order"
mkdir s
cp -r h/2026 s
serve
keys
echo "--- what would be"
fetch -o m --dry-run
asked
ls
echo "--- all of it, into a folder that is made with those above it"
fetch -o new/m
asked
diff -r -x .refold-manifest.ndjson s new/m
status refold run -q new/m -a "$order"
status refold run -q --verify new/m -a "$order"
echo "--- again: each is asked for its version, and none comes"
fetch -o new/m
asked
echo "--- another one, one that changed there, one that was lost here, one that was changed here"
life c 1 | member | into 02 3
life b 3 | member > "s/$(key 01 2)"
cp -r h/2026/07/01/02 s/2026/07/01
keys
: > "new/m/$(key 00 1)"
fetch -o new/m --dry-run
asked
fetch -o new/m
asked
diff -r -x .refold-manifest.ndjson s new/m
rm "new/m/$(key 02 3)"
fetch -q -o new/m
asked
echo "--- other times: only the contents tell"
find new/m -name 'orders*' -exec touch -d 2020-01-01T00:00:00Z '{}' +
fetch -o new/m
asked
echo "--- one is other with the same size and time: only --verify sees it"
printf x | dd of="new/m/$(key 02 3)" conv=notrunc status=none
touch -d 2020-01-01T00:00:00Z "new/m/$(key 02 3)"
fetch -q -o new/m
fetch --verify -o new/m
cmp "s/$(key 02 3)" "new/m/$(key 02 3)"
echo "--- for programs"
fetch --json -o new/m
echo "--- by hours"
fetch --since 2026-07-01T01 --until 2026-07-01T02 -o day
find day -type f | sort
fetch --since 2026-07-02 -o day
