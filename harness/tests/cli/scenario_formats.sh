# SPDX-License-Identifier: MIT
# Scenarios as TAP and JUnit; formats that know none are refused.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: holds
given Noted
state {"events": 1}

scenario: fails
when Refuse {"text": "no"}
then refused "yes"
state {"events": 1}

scenario: crashes
when Crash
then nothing

scenario: holds
given Noted
state {"events": 1}
END
ended refold scenario -r tap -a "$decider" s.scenario s.scenario
ended refold scenario -r junit -a "$decider" s.scenario
ended refold scenario -r markdown -a "$decider" s.scenario 2>&1
printf 'scenario: x\n' > bad.scenario
ended refold scenario -r tap -a "$decider" s.scenario bad.scenario
ended refold scenario -r junit -a "$decider" s.scenario bad.scenario
