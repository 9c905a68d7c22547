# SPDX-License-Identifier: MIT
# Of an aggregate whose states cannot be trusted nothing is written, and so no damage is accepted: it dies behind its
# last answer.
. "$ROOT/harness/tests/cli/history.inc"
cp "$PROGRAMS/planted" planted-tail-late
for id in a b; do for version in 1 2 4; do flat tally $id $version Added '{"By":1}'; done; done | into 00
status refold bless h -q -a ./planted-tail-late --purity=off --accept-damage lost -r text -r json=r.json
pick r.json untrusted damaged damage.*.known damage.*.reason blessed.damage_accepted
ls golden 2> /dev/null || echo 'nothing is written'
