# SPDX-License-Identifier: MIT
# What a meta file says of itself is sealed: nothing goes on from an hour that someone wrote there.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; } | into 00
event a 3 OrderApproved | into 01
event b 3 OrderApproved | into 02
bless h -a "$order"
bless h -g early --until 2026-07-01T01 -a "$order"
meta=early/order.meta.json
cp -r early good
try() {
    echo "== $1"
    status refold run -q h -g golden --from early --since 2026-07-01T02 -a "$order"
    status refold golden prove -q early h -a "$order"
    status refold run -q h -g early -a "$order"
    status refold golden verify -q early
    rm -r early
    cp -r good early
}
sed -i 's/T01:00:00Z/T02:00:00Z/' $meta
try 'another hour: the events between would be neither folded nor missed'
sed -i 's/"stateVersion":1/"stateVersion":2/' $meta
try 'another state version'
sed -i 's/"until":"2026-07-01T01"/"until":"2026-07-01T02"/' $meta
try 'another selection'
sed -i 's/"seal":"[0-9a-f]*",//; s/T01:00:00Z/T02:00:00Z/' $meta
try 'no seal, as of an older refold'
sed -i 's/"closed"/ "closed"/' $meta
try 'the same in other words'
echo '== a bless of some does not seal an hour that it did not close'
sed -i 's/T01:00:00Z/T02:00:00Z/' $meta
bless h -g early --id a --until 2026-07-01T02 -a "$order"
grep -o '"closed":"[^"]*"' $meta || echo 'no hour'
status refold run -q h -g golden --from early --since 2026-07-01T02 -a "$order"
rm -r early
cp -r good early
sed -i 's/T01:00:00Z/T02:00:00Z/' $meta
status refold golden prune -q -g early h -a "$order"
status refold golden verify -q early
