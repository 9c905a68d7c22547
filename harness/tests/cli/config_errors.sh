# SPDX-License-Identifier: MIT
# Every fault of refold.json ends with 2 before anything is read, with its place.
. "$ROOT/harness/tests/cli/history.inc"
try() {
    echo "$1" > refold.json
    code refold run --no-compare h -a "$order" 2>&1
}
life a 1 | into 00
try '{"polcy":{}}'
try '{"policy":{"gaps":"warn"}}'
try '{"policy":{"gap":"ignore"}}'
try '{"policy":{"gap":1}}'
try '{"policy":[]}'
try '{"aggregates":{"order":{"pluggin":"x.so"}}}'
try '{"aggregates":{"order":{"skip":[{"type":"X"}]}}}'
try '{"aggregates":{"order":{"skip":["X"]}}}'
try '{"aggregates":{"order":{"ignore":["updatedAt"]}}}'
try '{"aggregates":{"order":{"first":-1}}}'
try '{"aggregates":[]}'
try '{"streams":[{"aggregate":"order"}]}'
try '{"streams":{}}'
try '{"source":"h"}'
try '{"source":[7]}'
try '{"golden":""}'
try '{"envelope":"flatt"}'
try '{"envelope":{"id":7}}'
try '{"limits":{"time":"10s"}}'
try '{"limits":{"timeout":"10x"}}'
try '{"limits":{"memory":"lots"}}'
try '[]'
try '{"source":["h"],}'
try '{"golden":"a","golden":"b"}'
try 'golden: x'
try '{"$schema":"refold.schema.json"}'
code refold run --no-compare -C nowhere.json h -a "$order"
code refold run --no-compare h -a "$order" -C "$FIXTURES/hostile/config/nul-behind-number.json" 2>&1
