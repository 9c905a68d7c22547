# SPDX-License-Identifier: MIT
# Many ids to a bucket: each is written, in its order, and none twice.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SEc '
for version in (2, 1):
    for i in range(2000):
        print("""{"t":"OrderApproved","d":{"ID":"%d","Version":%d,"At":"2026-07-01T00:00:00Z"}}""" % (i, version))' | into 00
refold cat -q h > lines
wc -l < lines
sed -n 's/.*"aggregateId":"\([0-9]*\)".*/\1/p' lines | uniq -c | sort -k 2 -n > ids
wc -l < ids
sort -u -k 1,1 ids | cut -c 1-12 | wc -l
sed -n 's/.*"version":\([0-9]*\).*/\1/p' lines | uniq | sort | uniq -c
