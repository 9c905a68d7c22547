# SPDX-License-Identifier: MIT
# What is long is cut, and says so; -v cuts nothing. An id of no JSON text, of standard input, like an option.
. "$ROOT/harness/tests/cli/history.inc"
mirror="$PLUGINS/mirror.so"
python3 -SEc 'import json
def put(identity, version, data):
    print(json.dumps({"aggregateType": "mirror", "aggregateId": identity, "version": version, "type": "Set", "at": "2026-07-01T00:00:00Z", "data": data}))
put("long", 1, {"text": "x" * 1200})
put("many", 1, {"k%d" % i: i for i in range(60)})
for _ in range(25): put("copied", 1, {})
for _ in range(25): put("-v", 1, {"a": 1})' | into 00
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do event w $i OrderPaid; done | member | head -c -5 | into 01
for id in long many copied; do
    refold show $id h/2026/07/01/00 -a "$mirror" | sed 's/x\{20,\}/(many x)/g; s/\("k[0-9]*":[0-9]*,\)\{20,\}/(many k)/'
    echo "with -v: $(refold show -v $id h/2026/07/01/00 -a "$mirror" | wc -lc | tr -s ' ')"
done
code refold show w h -a "$mirror"
refold show w h -a "$mirror" 2>&1 | tail -n 2
refold show -q -a "$mirror" -- -v h/2026/07/01/00
cat "h/$(key 00)" | refold show -q -a "$mirror" copied -
code refold show "$(printf '\377\033[31m')" h -a "$mirror"
