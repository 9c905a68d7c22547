# SPDX-License-Identifier: MIT
# Where data holds the id, version and time is the envelope's business; several aggregates are told by name.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: data as it is
aggregate decider
given Noted {"ID": 5.5, "At": "noon"}
state {"note": "{\"ID\": 5.5, \"At\": \"noon\"}", "version": 1}
when Echo {"Version": "none"}
then exactly Noted {"Version": "none"}
END
ended refold scenario -e flat -a "$decider" -a "$order" s.scenario
ended refold scenario -a "$decider" -a "$order" s.scenario 2>&1
cat > refold.json << END
{"envelope": {"id": "/body/no", "type": "/kind", "version": "/v", "at": "/body/when", "data": "/body"},
 "aggregates": {"decider": {"plugin": "$decider", "first": 0}, "order": {"plugin": "$order"}}}
END
file << 'END'
aggregate decider

scenario: the config's envelope, and its first version
given Noted {"no": 17, "when": 5}
state {"at": "1970-01-01T00:00:05Z", "version": 0, "note": "{\"no\": 17, \"when\": 5}"}
when Echo
then exactly Noted {"no": "17", "when": "1970-01-01T00:00:05Z"}
state {"version": 1}

scenario: another aggregate
aggregate order
when CreateOrder
then OrderCreated
END
ended refold scenario s.scenario
