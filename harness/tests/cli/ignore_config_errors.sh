# SPDX-License-Identifier: MIT
# Ignore rules in the config that are not right.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
try() {
    echo '{"aggregates":{"order":{"ignore":['"$1"']}}}' > refold.json
    status refold run -q h -a "$order"
}
try '"updatedAt"'
try '7'
try '{"reason":"none"}'
try '{"path":"updatedAt"}'
try '{"path":"/updatedAt","untill":"2026-12-31"}'
try '{"path":"/updatedAt","until":"31.12.2026"}'
try '{"path":"/updatedAt","reason":""}'
try '{"path":"/updatedAt","reason":"a clock","until":"2099-12-31"}'
