# SPDX-License-Identifier: MIT
# One flipped bit anywhere, a cut, bytes behind: never green, and nothing of the object is folded.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
life b 3 | member > good
cat good | into 01 2
refold bless -q h -a "$order"
try() {
    cat | into 01 2
    echo "== $1"
    status refold run -q -r json=r.json h -a "$order"
    sums r.json | tail -n +2
    pick r.json damage.*.kind damage.*.message
}
flip 0 < good | try 'the magic'
flip 2 < good | try 'the method'
flip 40 < good | try 'the data'
flip -8 < good | try 'the CRC'
flip -4 < good | try 'the length'
head -c -1 good | try 'cut by one byte'
head -c 100 good | try 'cut in the data'
head -c 10 good | try 'cut behind the header'
{ cat good; printf 'x'; } | try 'a byte behind'
{ cat good; printf '\0\0\0\0'; } | try 'zeros behind'
{ cat good; life c 2 | member | flip -8; } | try 'a broken second member'
{ cat good; life c 2 | member; } | try 'a good second member'
member < good | try 'gzip inside gzip'
