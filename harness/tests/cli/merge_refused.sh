# SPDX-License-Identifier: MIT
# What is not merged: shards that are missing, doubled, or of other runs; reports that are none, or are damaged.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d e f; do life $id 3; done; } | into 00
bless h -a "$order"
shards() { # PREFIX N ARGUMENT...
    prefix=$1 n=$2 k=1; shift 2
    while [ $k -le $n ]; do refold run -q --shard $k/$n -r json=$prefix$k.json "$@" h -a "$order" > /dev/null; k=$((k + 1)); done
}
# reseal FILE: as refold would have written it.
reseal() {
    python3 -SEc 'import hashlib, re, sys
data = open(sys.argv[1], "rb").read()
at = data.index(b",\n    \"digest\": ")
digest = hashlib.sha256(data[:at]).hexdigest().encode()
open(sys.argv[1], "wb").write(re.sub(rb"(\"digest\": \")[0-9a-f]*", rb"\g<1>" + digest, data))' "$1"
}
shards s 3
shards t 2
echo '# all, in any order'
status refold merge -q s3.json s1.json s2.json
echo '# missing, doubled, of other numbers'
status refold merge s1.json s3.json
status refold merge s2.json
status refold merge s1.json s2.json s3.json s2.json
status refold merge s1.json t2.json
refold run -q --shard 1/9 -r json=v9.json h -a "$order" > /dev/null; status refold merge v9.json
refold run -q --shard 2/10 -r json=v10.json h -a "$order" > /dev/null; status refold merge v10.json
echo '# of another run'
shards h 3 --at-head
status refold merge s1.json h2.json s3.json
shards i 3 --id a --id b
status refold merge s1.json s2.json i3.json
{ printf '{}\n'; } > refold.json
shards c 3
status refold merge s1.json s2.json c3.json
rm refold.json
cp -r golden before
golden_edit '/"id":"a"/s/"approved"/"paid"/'
shards g 3 || true
status refold merge g1.json s2.json s3.json
rm -r golden; mv before golden
life z 1 | into 01
shards o 3
status refold merge s1.json o2.json s3.json
echo '# of sources in another order: it says which side of a conflict is folded'
mkdir i j
flat order a 1 OrderCreated '{"At":"2026-07-01T00:00:01Z"}' > i/x.json
flat order a 1 OrderCreated '{"At":"2026-07-01T00:00:02Z"}' > j/x.json
for k in 1 2; do
    refold run -q --no-compare --shard $k/2 -r json=ij$k.json i j -a "$order" > /dev/null || true
    refold run -q --no-compare --shard $k/2 -r json=ji$k.json j i -a "$order" > /dev/null || true
done
code refold merge -q ij1.json ij2.json
code refold merge -q ij1.json ji2.json
echo '# no report of a shard'
refold run -q -r json=whole.json h -a "$order" > /dev/null
refold compare -q -r json=compare.json "$order" "$order" h > /dev/null
status refold merge whole.json
status refold merge compare.json
status refold merge nowhere.json
status refold merge h
status refold merge golden/order.meta.json
: > empty; status refold merge empty
head -c 60 s1.json > cut.json; status refold merge cut.json
echo 'not json' > text; status refold merge text
status refold merge
status refold merge ''
echo '# changed'
for edit in 's/"folded": [0-9]*/"folded": 1/' 's/"same": [0-9]*/"same": 9/' 's/"exit": 0/"exit": 1/' \
    's/"k": 1/"k": 4/' 's/"k": 1/"k": -1/' 's/"decoded": [0-9]*/"decoded": 1/' 's/"damage_total": 0/"damage_total": 1/' \
    's/"decoded": [0-9]*/"decoded": 17/' 's/"warnings_of_all": 0/"warnings_of_all": 1/' 's/"format": 1/"format": 2/'; do
    sed "$edit" s1.json > changed.json
    reseal changed.json
    status refold merge changed.json s2.json s3.json
done
sed 's/"beyond": 0/"beyond": 1/' s1.json > changed.json
status refold merge changed.json s2.json s3.json
for k in 1 2 3; do sed 's/"decoded": [0-9]*/"decoded": 99/' s$k.json > d$k.json; reseal d$k.json; done
status refold merge d1.json d2.json d3.json
echo '# did not come to its end'
python3 -SEc 'import sys; sys.stdout.write(open("s1.json").read().replace("\"incomplete\": false", "\"incomplete\": true,\n  \"error\": \"h/x: Permission denied\""))' > bad.json
reseal bad.json
status refold merge bad.json s2.json s3.json
sed 's/"incomplete": false/"incomplete": true/' s1.json > bad.json
reseal bad.json
status refold merge bad.json s2.json s3.json
refold run -q --shard 1/3 -r json=early.json nowhere -a "$order" > /dev/null 2>&1 || true
status refold merge early.json s2.json s3.json
echo '# another report of it could not be written: the verdict is known, and that stays said'
status refold run -q --shard 1/3 -r json=unwritten.json -r tap=/nowhere/x.tap h -a "$order"
for k in 2 3; do refold run -q --shard $k/3 -r json=o$k.json h -a "$order" > /dev/null; done
status refold merge -q unwritten.json o2.json o3.json
echo '# its own report tells that it was refused'
refold merge s1.json s3.json -r json 2> /dev/null | grep -E '"(verb|verdict|exit|nothing|error)"'
echo '# what cannot be written'
status refold merge -q s1.json s2.json s3.json -r json=/nowhere/x.json
status refold merge s1.json s2.json s3.json -r pdf
