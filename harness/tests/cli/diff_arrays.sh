# SPDX-License-Identifier: MIT
# Arrays are compared by index after equal ends are trimmed; indexes are * in clusters.
. "$ROOT/harness/tests/cli/history.inc"
for n in 1 2 3 4 5; do flat zoo z $n Line "{\"sku\":\"s$n\",\"quantity\":$n}"; done | into 00
bless h -a "$PLUGINS/zoo.so"
cp golden/zoo.ndjson good
rm golden/zoo.meta.json
try() {
    sed "$1" good > golden/zoo.ndjson
    code refold run -r json=r.json h -a "$PLUGINS/zoo.so"
    python3 -SEc 'import json
report = json.load(open("r.json"))
print(*[c["paths"] for c in report["clusters"]])
for change in report["differences"][0]["changes"]: print(json.dumps(change))'
}
try 's/{[^{]*"sku":"s1"},//'
try 's/{[^{]*"sku":"s3"},//'
try 's/,{[^{]*"sku":"s5"}//'
try 's/"quantity":3/"quantity":33/'
try 's/\({[^{]*"sku":"s2"}\)/\1,\1,\1/'
try 's/"lines":\[.*"s5"}\]/"lines":[]/'
try 's/,"lines":\[.*"s5"}\]//'
