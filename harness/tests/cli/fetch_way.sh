# SPDX-License-Identifier: MIT
# A key becomes a folder of other keys, and a folder a key: what was fetched before is in the way, and goes with --delete.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
# there KEY...: from now on the server has these objects, and no others.
there() {
    rm -rf s/*
    for key in "$@"; do
        mkdir -p "s/$(dirname "$key")"
        echo "$key" > "s/$key"
    done
    keys
}
here() {
    find m ! -path '*/.refold*' | LC_ALL=C sort | tr '\n' ' '
    echo
}
mkdir s
serve
echo "--- a key becomes a folder"
there a x/y
fetch -q -o m
there a/b/c x/y
fetch -o m
here
fetch --delete --dry-run -o m
here
fetch --delete -o m
here
fetch --delete -q -o m
echo "--- a folder becomes a key"
there a x
fetch -o m
fetch --delete -o m
here
echo "--- only what is as it was fetched goes, and nothing that was not"
there a/b a/c a/d/e x
fetch --delete -q -o m
echo edited > m/a/c
echo mine > m/a/d/mine
there a x
fetch --delete -o m
here
echo "--- nothing goes while a key is refused"
rm -r m/a
there a/b x
fetch --delete -q -o m
there a x
echo 'no//path' >> keys
fetch --delete -o m
here
echo "--- what somebody put there is not what was fetched"
there a/b x
fetch -q -o m
there x
rm -r m/a
echo mine > m/a
fetch --delete -o m
rm m/a
there a x
fetch -q -o m
there x
rm m/a
mkdir m/a
fetch --delete -o m
here
echo "--- cut off between the two, it goes on"
rmdir m/a
there a x
fetch -q -o m
there a/b x
rm m/a
mkdir m/a m/.refold-partial
fetch --delete -o m
here
echo "--- nothing goes for what does not come whole"
echo 403 > faults/a_b
rm -r m
there a x
fetch -q -o m
there a/b x
fetch --delete -o m
here
rm faults/a_b
fetch --delete -o m
here
echo "--- nor for what cannot be put there"
echo mine > m/a/notes
there a x
fetch --delete -o m
here
rm m/a/notes
mkdir m/a/empty
fetch --delete -o m
here
rmdir m/a/empty
fetch --delete -o m
here
echo "--- several that wait for one, and one that waits for several"
there a/b/c a/b/d a/e x
fetch --delete --dry-run -o m
fetch --delete -o m
here
there a/b x
fetch --delete -o m
here
echo "--- one that came has its place, whatever becomes of another"
echo 403 > faults/x_y
there a x
rm -r m
fetch -q -o m
there a/b x/y
fetch --delete -o m
here
exit 0
