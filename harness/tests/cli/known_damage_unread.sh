# SPDX-License-Identifier: MIT
# Of an entry whose object is not read in this run nothing is said, and a bless keeps it as it was.
. "$ROOT/harness/tests/cli/history.inc"
raw() { printf '{"rawData":"%s"}\n' "$(printf '%s' "$1" | base64 -w 0)"; }
states() {
    status refold "$@" -a "$order" -r json=r.json -q
    pick r.json known_damage.*.entry.kind known_damage.*.state
}
accept() {
    status refold bless -q h -a "$order" --accept-damage lost "$@"
    sed 's/.*"kind":"\([a-z]*\)".*"object":"\([^"]*\)".*/\1 \2/' golden/known-damage.json
}
{ life a 1; echo '{"no":"event"}'; } | into 00
life b 1 | member | head -c -5 | into 01
{ life c 1; echo '{"no":"event"}'; } | into 02
mkdir -p h/processing-failed/2026/07/01/03
{ raw "$(life d 1)"; raw 'no event'; } > "h/processing-failed/$(key 03)"
accept
echo '# in front of them'
states run h --until 2026-07-01T01
states run h --until 2026-07-01T02
accept --until 2026-07-01T01
echo '# behind them'
bless h -a "$order" -g early --until 2026-07-01T01 --accept-damage lost
states run h --from early --no-compare
states run h --from early --since 2026-07-01T01 --no-compare
echo '# in each shard all objects are read'
for i in 1 2; do states run h --shard $i/2; done
echo '# what lies below an error prefix is read: it is not that damage then, and its own is new'
states run h --errors
accept --errors
echo '# and is not read'
states run h
accept
echo '# it is whole'
raw "$(life d 1)" > "h/processing-failed/$(key 03)"
states run h --errors
accept --errors
echo '# it is gone'
rm "h/processing-failed/$(key 03)"
states run h --errors
states run h
accept
