# SPDX-License-Identifier: MIT
# What a command made is held against `then` by value, not rounded, and shown as it was emitted; what history would not
# read back does not hold.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: one value, however it is written
when Echo {"Cents": 100, "Rate": 0.50, "Large": 12345678901234567890123}
then exactly Noted {"Cents": 1e2, "Rate": 0.5, "Large": 12345678901234567890123.0}

scenario: other numbers that are one as doubles
when Echo {"Cents": 12345678901234567890123, "Id": 9007199254740993.0, "Rate": 0.10000000000000001}
then exactly Noted {"Cents": 12345678901234567890999, "Id": 9007199254740992, "Rate": 0.1}

scenario: its version twice, the last of them right
when Say {"json": "{\"type\":\"Noted\",\"data\":{\"Version\":7,\"Version\":1}}"}
then Noted

scenario: a version that is no integer
when Say {"json": "{\"type\":\"Noted\",\"data\":{\"Version\":1.0}}"}
then Noted
END
ended refold scenario -a "$decider" s.scenario
