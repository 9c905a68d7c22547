# SPDX-License-Identifier: MIT
# The states of those that were in one batch with a crash are their own.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SEc 'import json
for n in range(1500):
    for version in 1, 2:
        print(json.dumps({"t": "Added", "d": {"ID": "%s-%04d" % ("segv" if n % 400 == 7 else "a", n), "Version": version, "By": n, "At": 1782864000}}))' > events
status refold bless -q events -a "$crasher"
python3 -SEc 'import json
lines = [json.loads(line) for line in open("golden/crasher.ndjson")]
assert all(line["state"] == {"events": 2, "sum": 2 * int(line["id"][2:])} for line in lines)
print(len(lines), "lines, each with its own sum")'
