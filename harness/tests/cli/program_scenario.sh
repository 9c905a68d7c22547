# SPDX-License-Identifier: MIT
# Scenarios of a program that handles commands.
. "$ROOT/harness/tests/cli/scenario.inc"
. "$ROOT/harness/tests/cli/program.inc"
file << 'END'
aggregate counter

scenario: a command makes events
given Added {"By": 3}
state {"events": 1, "sum": 3}
when Make
then exactly Added {"By": 4}
then exactly Added {"By": 4}
state {"events": 3, "sum": 11}

scenario: a command is refused
given Added {"By": 3}
when Make {"Do":"refuse"}
then refused "told to"

scenario: an event is refused
given Added {"Do":"refuse"}
state {"events": 1}

scenario: no answer
when Fail
then nothing

scenario: it ends
when Make {"Do":"segv"}
then nothing

scenario: it prints
given Added {"Do":"hello"}
state {"events": 1}

END
# What it prints before its hello is heard may be counted or not.
ended refold scenario -a "$counter" s.scenario | sed "/^counter printed/,/^\$/d"
