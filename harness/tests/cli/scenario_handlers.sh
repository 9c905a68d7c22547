# SPDX-License-Identifier: MIT
# What handlers may do, and all that they may not: each is told with its line and step.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: events come as they were emitted, as the envelope would hold them
when Echo {"a": [1, 2.50, "x"], "Strict": 3}
then exactly Noted {"a": [1, 2.5, "x"], "Strict": 3}
state {"note": "{\"ID\":\"1\",\"Version\":1,\"At\":\"2000-01-01T00:00:00Z\",\"a\": [1, 2.50, \"x\"], \"Strict\": 3}"}

scenario: apply sees 3.0, as production would
when Echo {"Strict": 3.0}
then Noted

scenario: a command knows the instance and its time
id äx
given Noted at 2020-01-01T00:00:00.5Z
given Noted {"Version": 7}
when Tell
then Noted {"kind": 2, "version": 7, "seconds": 1577836800, "nanos": 500000000, "timed": 1, "id": "äx", "aggregate": "decider", "type": "Tell", "events": 2, "Version": 8}

scenario: neither events nor a refusal
when Say
then nothing

scenario: no JSON
when Say {"json": "{\"type\":"}
then Noted

scenario: an array
when Say {"json": "[]"}
then Noted

scenario: no type
when Say {"json": "{\"data\":1}"}
then Noted

scenario: a member too many
when Say {"json": "{\"type\":\"Noted\",\"at\":1}"}
then Noted

scenario: an empty text
when Say {"json": ""}
then Noted

scenario: not finite
when Say {"json": "{\"type\":\"Noted\",\"data\":{\"n\":1e999}}"}
then Noted

scenario: data that has no room for an id
when Echo [1]
then exactly Noted [1]

scenario: its own id, version and time
when Say {"json": "{\"type\":\"Noted\",\"data\":{\"Version\":\"1\",\"ID\":1,\"At\":\"2000-01-01T01:00:00+01:00\"}}"}
then Noted

scenario: another id, version and time
when Say {"json": "{\"type\":\"Noted\",\"data\":{\"Version\":2,\"ID\":\"2\",\"At\":\"2000-01-01T01:00:00Z\"}}"}
then Noted

scenario: an event that apply refuses
when Make {"type":"Unwanted"}
then Noted
then Unwanted

scenario: an event at which apply returns nonsense
when Make {"type":"Puzzling"}
then Noted
then Puzzling

scenario: a type that no table has
when Make {"type":"Undeclared"}
then Noted

scenario: a state without JSON
when Make {"type":"NoNumber"}
state exactly {}

scenario: a state without JSON, though no one asks
when Make {"type":"NoNumber"}
then Noted
then NoNumber

scenario: 10000 events
when Many {"count":10000}
state {"events":10000}

scenario: a million events
when Many {"count":1000000}
state {"events":1000000}

scenario: a large event
when Large {"bytes": 16777000}
state {"events":1}

scenario: an event too large
when Large {"bytes": 16777216}
state {"events":1}

scenario: refused
when Refuse {"text":"nö \u0007"}
then refused "nö \u0007"

scenario: refused without a text
when RefuseMute
then refused ""

scenario: refused with a text where none is expected
when Refuse {"text":"x"}
then refused ""

scenario: refused behind events
when RefuseLate
then refused "late"
state {"events": 0}

scenario: a refusal that was not returned
when Forget
then refused

scenario: nonsense
when Odd
then refused

scenario: crash
when Crash
then refused

scenario: crash behind others
given Noted
when Echo
when Abort
state exactly {}

scenario: leave
when Leave
then nothing

scenario: it changes the state
when Meddle
then Noted
state {"real": 7}

scenario: it changes the state, and refuses
when Meddle {"refuse": 1}
then refused

scenario: lie
when Scribble
state {"events": 1}

scenario: crash in apply
given Noted
given Deadly
state exactly {}

scenario: crash in apply of what a command made
when Make {"type":"Deadly"}
then Noted
then Deadly

scenario: the last one holds
given Noted
state {"events": 1}
END
ended refold scenario -a "$decider" s.scenario
refold scenario -r json=r.json -q -a "$decider" s.scenario || true
schema r.json scenario-report.schema.json
