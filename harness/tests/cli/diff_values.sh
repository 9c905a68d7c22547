# SPDX-License-Identifier: MIT
# Changes turn the golden's state into the new one; members that come or go, other kinds, nothing but the differing parts.
. "$ROOT/harness/tests/cli/history.inc"
{ flat zoo z 1 Set '{"open":true,"small":1,"whole":9007199254740993,"real":0.1,"name":"old","address":{"street":"A"},"limit":0}'
  flat zoo z 2 Visit '{"who":"Ann"}'; flat zoo z 3 Visit '{"who":"Ann"}'; flat zoo z 4 Visit '{"who":"Bob/~"}'; } | into 00
bless h -a "$PLUGINS/zoo.so"
cat golden/zoo.ndjson
golden_edit 's/"open":true/"open":1/; s/9007199254740993/9007199254740992/; s/"limit":0,//; s/"Ann":2/"Ann":"2"/; s/"Bob\/~"/"Cid"/; s/"A"/null/; s/{"address"/{"aaa":[],"address"/' zoo
status refold run -q -r json=r.json h -a "$PLUGINS/zoo.so"
pick r.json clusters.*.paths
python3 -SEc 'import json
for change in json.load(open("r.json"))["differences"][0]["changes"]: print(json.dumps(change))'
