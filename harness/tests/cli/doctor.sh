# SPDX-License-Identifier: MIT
# What is wrong with a history, and where what is missing may lie.
. "$ROOT/harness/tests/cli/history.inc"
at() { # ID VERSION TYPE TIME [MEMBERS]
    event "$1" "$2" "$3" "${5:-}" "2026-07-01T$4Z"
}
{ at a 1 OrderCreated 00:10:00; at a 2 OrderApproved 00:20:00; } | into 00
{ at b 1 OrderCreated 01:10:00; at a 3 OrderPaid 01:20:00 '"AmountCents":5'; } | member | head -c -5 | into 01
{ at a 4 OrderShipped 03:10:00; at c 1 OrderCreated 03:20:00; at c 1 OrderCreated 03:20:00; } | into 03
status refold doctor h
{ at b 2 OrderApproved 04:10:00; at c 2 OrderApproved 01:30:00; at c 2 OrderPaid 04:40:00; } | into 04 1 others
{ at c 5 OrderPaid 09:10:00; at d 3 OrderPaid 05:10:00; } | into 05
{ at d 3 OrderPaid 05:10:00; echo '{"t":"OrderPaid","d":{"Version":1}}'; } | into 06
cp "h/$(key 05)" "h/$(key 05 2)"
mkdir -p h/processing-failed/2026/07/01/05
echo '{"rawData":""}' > h/processing-failed/2026/07/01/05/failed
echo 'a note' > h/note.txt
status refold doctor h
refold doctor --json h > r.json || echo "exit $?"
pick r.json whole damaged versions.missing versions.gaps.*.id versions.gaps.*.first versions.gaps.*.last versions.gaps.*.from \
    versions.leads.*.fits versions.leads.*.object arrivals.early arrivals.late arrivals.latest_seconds streams crossing twins.count \
    history.duplicates history.conflicts damage.*.kind
status refold doctor -q h
status refold doctor --since 2026-07-01T03 --until 2026-07-01T04 h
echo "--- nothing is called whole that nobody can know"
rm -rf h
{ at a 1 OrderCreated 00:10:00; at b 1 OrderCreated 00:15:00; } | into 00
{ at a 3 OrderPaid 01:20:00; at a 4 OrderShipped 01:30:00; at b 2 OrderApproved 01:40:00; } | into 01
status refold doctor --until 2099-01-01 h
status refold doctor -q --until 2099-01-01 h
refold doctor --json --until 2099-01-01 h > r.json || echo "exit $?"
pick r.json exit whole odd versions.cut versions.searched versions.gaps_total history.unselected
status refold doctor -q --since 2026-07-01T01 h
refold doctor --json --since 2026-07-01T01 h > r.json || echo "exit $?"
pick r.json exit whole versions.cut versions.searched
echo '{"policy":{"gap":"count"}}' > refold.json
status refold doctor -q h
refold doctor --json h > r.json || echo "exit $?"
pick r.json exit whole damaged versions.gaps_total
echo "--- with --errors what lies below an error prefix is read as other objects are"
rm -rf h refold.json
at a 1 OrderCreated 10:10:00 | into 10
at a 4 OrderShipped 21:10:00 | into 21
failed() { # HOUR: what of standard input could not be processed then
    mkdir -p "h/processing-failed/2026/07/01/$1"
    printf '{"rawData":"%s"}' "$(base64 -w 0)" > "h/processing-failed/2026/07/01/$1/failed"
}
at a 2 OrderApproved 15:10:00 | failed 15
echo nothing | failed 12
status refold doctor h
status refold doctor --errors h
