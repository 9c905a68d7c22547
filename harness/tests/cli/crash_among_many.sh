# SPDX-License-Identifier: MIT
# Who dies is found among those that do not, in the middle of a batch, at its front and at its end; all others are folded.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SEc 'import json
for n in range(2000):
    kind = {0: "segv", 1: "exit", 2: "abort"}.get(n % 300, "a")
    for version in range(1, 3 + n % 2):
        print(json.dumps({"t": "Added", "d": {"ID": "%s-%04d" % (kind, n), "Version": version, "By": n, "At": 1782864000}}))' > events
status refold run --no-compare -q -j 2 -r json=r.json events -a "$crasher"
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.version
