# SPDX-License-Identifier: MIT
# A large object that was cut off goes on where it was, if it is the same one.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
mkdir s
head -c 6000000 /dev/zero | tr '\0' x > s/big
echo small > s/small
serve
keys
# cut: a fetch into m that is killed when some of the large object is here.
cut() {
    echo "stall 5500000" > faults/big
    rm -f stalled
    refold fetch "$base" --keys keys -o m > /dev/null 2>&1 &
    fetching=$!
    while ! [ -e stalled ] || ! [ -n "$(find m/.refold-partial -name '*.partial' -size +4000k)" ] || ! [ -e m/small ]; do
        sleep 0.05
    done
    kill -KILL $fetching
    wait $fetching 2> /dev/null || true
    rm faults/big
    rm -f requests
}
cut
echo "--- cut off"
find m -type f | sed 's/[0-9a-f]\{32\}/DIGEST/' | LC_ALL=C sort
echo "--- it goes on"
fetch -o m | sed 's/[0-9,]* bytes gone on with/SOME bytes gone on with/'
cmp s/big m/big
asked | sed 's/bytes=[0-9]*-/bytes=SOME-/'
rm -r m
cut
echo "--- another version by now"
echo other >> s/big
fetch -o m
cmp s/big m/big
asked | sed 's/bytes=[0-9]*-/bytes=SOME-/'
ls -A m
rm -r m
cut
echo "--- what is left is not believed once it is other than its note says"
for note in m/.refold-partial/*.note; do
    sed -i 's/"boot":"./"boot":"/' "$note"
done
fetch -o m
cmp s/big m/big
asked
