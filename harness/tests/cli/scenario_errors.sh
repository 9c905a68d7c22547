# SPDX-License-Identifier: MIT
# What cannot be played ends with 2 before anything is played, with file and line.
. "$ROOT/harness/tests/cli/scenario.inc"
try() {
    ended refold scenario "$@" 2>&1
}
text() {
    printf '%b' "$1" > s.scenario
    try -a "${2:-$order}" s.scenario
}
try
try nowhere.scenario -a "$order"
mkdir folder
try folder -a "$order"
try "$order"
try -a "$order" "$order"
printf 'scenario: a\nstate exactly {}\n' > s.scenario
try s.scenario
try -a nowhere.so s.scenario
: > empty.scenario
try -a "$order" empty.scenario
try -a "$order" -r xml empty.scenario
try --golden g -a "$order" empty.scenario
text 'scenario: a\ngivn OrderCreated\n'
text 'scenario: a\ngiven OrderCreatd\nstate exactly {}\n'
text 'scenario: a\nwhen ShpOrder\nthen refused\n'
text 'scenario: a\ngiven OrderCreated\n'
text 'scenario: a\nwhen ShipOrder\n'
text 'scenario: a\nthen OrderShipped\n'
# What holds whatever the state is.
text 'scenario: a\ngiven OrderCreated\nstate {}\n'
text 'scenario: a\nwhen CreateOrder\nstate {"totals": {"eur": {}}}\nwhen ShipOrder\nthen refused\n'
text '{"scenarios": [\n{"scenario": "a", "steps": [\n{"given": "OrderCreated"},\n{"state": {}}]}]}'
text 'scenario: a\ngiven OrderCreated {"a": 1,}\nstate exactly {}\n'
text 'scenario: a\ngiven OrderCreated {\n\n"a": ?}\nstate exactly {}\n'
text 'scenario: a\ngiven OrderCreated {"At": "noon"}\nstate exactly {}\n'
text '\0377'
text '{"scenarios": [\n{"scenario": "a", "steps": [\n{"givn": 1}]}]}'
text 'scenario: a\nwhen CreateOrder\nthen refused\n' "$AGGREGATES/file.so"
text 'aggregate ordr\nscenario: a\nstate exactly {}\n'
printf 'scenario: a\nstate {"items": 0}\n' > s.scenario
try -a "$order" -a "$decider" s.scenario
try -a "$order" -a "$order" s.scenario
# A mistake in the last file: nothing of the first is played.
printf 'scenario: a\nthen\n' > last.scenario
try -a "$order" s.scenario last.scenario
# A report is written even so: an older one must not pass for this one's.
try -a "$order" -r json=r.json s.scenario
try -a "$order" -r json=r.json s.scenario last.scenario
cat r.json
schema r.json scenario-report.schema.json
