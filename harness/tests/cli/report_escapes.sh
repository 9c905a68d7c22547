# SPDX-License-Identifier: MIT
# Nothing out of an id, a type or a message reaches a terminal as it is.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SEc 'import json
for version, kind in (1, "OrderCreated"), (2, "Order\x1b[31mLost"):
    print(json.dumps({"t": kind, "d": {"ID": "a\x1b]0;x\x07\n\u202e b", "Version": version, "At": "2026-07-01T00:00:00Z"}}))' | into 00
status refold run --no-compare h -a "$order"
code refold run --no-compare -r json=r.json h -a "$order"
tr -d '\n' < r.json | LC_ALL=C grep -c '[[:cntrl:]]' || true
