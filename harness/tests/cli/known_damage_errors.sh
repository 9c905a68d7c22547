# SPDX-License-Identifier: MIT
# A known-damage.json that is not right is damage, with its line, and nothing of it is believed.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid '"AmountCents":500'; } | into 00
bless h -a "$order" --accept-damage lost
cp golden/known-damage.json good
try() {
    echo "== $1"
    status refold run -q h -a "$order"
    cp good golden/known-damage.json
}
edit() {
    sed "$2" good > golden/known-damage.json
    cmp -s good golden/known-damage.json && echo 'nothing is edited'
    try "$1"
}
edit 'a key that is unknown' 's/"reason"/"resaon"/'
edit 'a key that is unknown to all' 's/"reason"/"xyz"/'
edit 'a key at the top' 's/"format"/"fromat"/'
edit 'no format' 's/,"format":1//'
edit 'a newer format' 's/"format":1/"format":2/'
edit 'no reason' 's/"reason":"lost",//'
edit 'an empty reason' 's/"lost"/" "/'
edit 'no kind' 's/"kind":"gap",//'
edit 'another kind' 's/"gap"/"hole"/'
edit 'a kind with other members' 's/"gap"/"conflict"/'
edit 'a member of another kind' 's/"to":3/"to":3,"object":"x"/'
edit 'the golden' 's/"gap"/"golden"/'
edit 'a version that is none' 's/"version":3/"version":"3"/'
edit 'a member twice' 's/"to":3/"to":3,"to":4/'
edit 'no day' 's/"to":3/"to":3,"until":"2026-02-30"/'
edit 'no count' 's/"to":3/"to":3,"count":0/'
edit 'an entry twice' '2s/.*/&,\n&/'
edit 'an entry that is none' '2s/.*/7/'
edit 'a merge marker' '2s/^/<<<<<<< HEAD\n/'
edit 'no list' 's/"damage":\[/"damage":{"a":[/; s/^\]/]}/'
printf '{"damage":[' > golden/known-damage.json; try 'cut'
: > golden/known-damage.json; try 'empty'
echo '[]' > golden/known-damage.json; try 'no object'
rm golden/known-damage.json; mkdir golden/known-damage.json
echo '== a folder'
status refold run -q h -a "$order"
rmdir golden/known-damage.json
ln -s nowhere golden/known-damage.json
echo '== a link to nothing'
status refold run -q h -a "$order"
rm golden/known-damage.json
sed 's/"to":3/"digest":"XY","to":3/' good > golden/known-damage.json; try 'a digest'
echo '== a bless does not write it anew'
echo '{' > golden/known-damage.json
status refold bless -q h -a "$order"
status refold bless -q --accept-damage lost h -a "$order"
cat golden/known-damage.json
echo '== edited by hand: as good, in any order'
echo '{ "format": 1, "damage": [ { "kind": "gap", "id": "a", "aggregate": "order", "to": 3, "version": 3,
  "reason": "by hand" } ] }' > golden/known-damage.json
status refold run h -a "$order"
