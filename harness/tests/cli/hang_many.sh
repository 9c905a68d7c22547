# SPDX-License-Identifier: MIT
# Behind twenty that hang the rest is not folded: said, counted, and never green; a bless keeps its lines.
. "$ROOT/harness/tests/cli/history.inc"
python3 -SEc 'for n in range(30):
    for version in (1, 2):
        print("{\"t\":\"Added\",\"d\":{\"ID\":\"hang-%02d\",\"Version\":%d,\"By\":1,\"At\":1782864000}}" % (n, version))' | into 00
mkdir golden
python3 -SEc 'for n in range(30):
    print("{\"id\":\"hang-%02d\",\"state\":{\"events\":2,\"sum\":2},\"version\":2}" % n)' > golden/crasher.ndjson
cp golden/crasher.ndjson before
status refold run -j 1 --timeout 0.02 -q -r text -r json=r.json h -a "$crasher" 2>&1
sums r.json
tallies r.json
status refold bless -j 1 --timeout 0.02 -q h -a "$crasher" 2>&1
cmp golden/crasher.ndjson before
