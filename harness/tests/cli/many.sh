# SPDX-License-Identifier: MIT
# More events than one thread takes, in more batches than one: every count as in a small run.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SEc 'import json
for n in range(900):
    for version in range(1, 6 + n % 3):
        kind = "OrderLost" if n % 50 == 7 and version == 4 else "OrderApproved"
        print(json.dumps({"t": kind, "d": {"ID": "o%d" % n, "Version": version, "At": 1782864000 + version}}))' > events
status refold bless -q -j 3 -r json=r.json events -a "$order"
pick r.json blessed
golden_edit 's/"id":"o\([0-9]*5\)",\(.*\)"approved"/"id":"o\1",\2"paid"/; /"id":"o[0-9]*3"/d'
sed -n 's/"OrderApproved", "d": {"ID": "o\(1*\)"/"OrderPaid", "d": {"ID": "o\1"/; /"ID": "o8[0-9]*"/!p' events > fewer
status refold run -q -j 3 -r json=r.json fewer -a "$order"
sums r.json
tallies r.json
pick r.json differences_total clusters.*.kind clusters.*.count clusters.*.event
