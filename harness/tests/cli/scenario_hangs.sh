# SPDX-License-Identifier: MIT
# Handlers and events that do not come back: --timeout ends them, and the others are played.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: busy
when Hang
then nothing

scenario: asleep
when Sleep
then refused

scenario: in apply
given Endless
state {"events": 1}

scenario: in apply of what a command made
when Make {"type": "Endless"}
then Noted
then Endless

scenario: the last one holds
given Noted
state {"events": 1}
END
ended refold scenario --timeout 0.2 -a "$decider" s.scenario
