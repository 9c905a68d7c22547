# SPDX-License-Identifier: MIT
# Events that are like others keep each scalar, and the time is left out of some (ADR 26): all of it is there again when
# they are told, and of two copies that differ in their spelling alone the later one is a duplicate.
. "$ROOT/harness/tests/cli/history.inc"
{
    for i in 1 2 3 4 5 6; do event warm $i OrderApproved '"By":"x","Sum":1'; done
    event a 1 OrderApproved '"By":"x","Sum":1'
    event a 1 OrderApproved '"By":"\u0078","Sum":1'
    event a 1 OrderApproved '"By":"x","Sum":1' '2026-07-01T00:00:01Z'
    event a 1 OrderApproved '"By":"x","Sum":1' '\u0032026-07-01T00:00:01\u005A'
    event a 2 OrderApproved '"By":"2026-07-01T00:00:02Z","Sum":2'
    event a 2 OrderApproved '"By":"2026-07-01T00:00:02Z","Sum":2' '2026-07-01T00:00:02\u005a'
    event a 2 OrderApproved '"By":"2026-07-01T00:00:02\u005a","Sum":2'
    event a 3 OrderApproved '"By":"x","Sum":3' '2026-07-01T00:00:03.500Z'
    event a 4 OrderApproved '"By":"x","Sum":4' '2026-07-01T02:00:04+02:00'
    event a 5 OrderApproved '"By":"x","Sum":5' '0001-01-01T00:00:00Z'
    event a 6 OrderApproved '"By":"x","Sum":6' '9999-12-31T23:59:59.999999999Z'
    event '\u0061' 7 OrderApproved '"By":"x","Sum":7'
} | into 00
refold cat h --id a | sed 's/^.*"data"://; s/,"object".*$//'
bless h -a "$order"
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage_total
