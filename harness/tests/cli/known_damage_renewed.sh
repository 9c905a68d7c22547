# SPDX-License-Identifier: MIT
# An expired entry is accepted anew as a whole: where a selection may have left out some of it, it stays, and that is 3.
. "$ROOT/harness/tests/cli/history.inc"
entries() { sed 's/"\([a-z]*\)":"[0-9a-f]\{64\}",//g' golden/known-damage.json; }
accept() { status refold bless -q h -a "$order" --accept-damage "$@"; entries; }
{ life a 2; life z 1; event z 3 OrderApproved; } | into 00
event a 2 OrderShipped | into 01
event a 2 OrderShipped | into 02
accept first --last-day 2026-11-01 --today 2026-11-01
cp -r golden before
echo '# one of the two lies in front of the hour'
for more in '' --dry-run; do
    accept second --until 2026-07-01T02 --today 2026-11-02 ${more:+"$more"}
    diff -r before golden && echo 'nothing is written'
done
echo '# where the policy waives it, it hides nothing, and is in the way of nothing'
echo '{"policy":{"conflict":"warn","gap":"warn"}}' > waives.json
accept third --until 2026-07-01T02 --today 2026-11-02 --config waives.json
echo '# both do'
rm -r golden && cp -r before golden
accept fourth --until 2026-07-01T03 --today 2026-11-02
echo '# all is looked for, and there is one'
rm -r golden && cp -r before golden
mv "h/$(key 02)" kept
accept fifth --today 2026-11-02
echo '# there is one more, up to an hour'
rm -r golden && cp -r before golden
mv kept "h/$(key 02)"
event a 2 OrderShipped | into 03
event a 2 OrderShipped | into 04
accept sixth --until 2026-07-01T04 --today 2026-11-02
