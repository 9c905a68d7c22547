# SPDX-License-Identifier: MIT
# A program with several aggregates is as many builds: each is folded, blessed, compared by its name and
# told of; what only one side of a comparison has is said, and never left out.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
{
    for id in a b; do add $id 1; add $id 2; done
    for id in x y z; do add $id 1 '' Subtracted; done
    add n 1 '' Noted
} | into 00
for name in twins swapped triplets stars namesakes; do cp "$counter" $name; done
status refold bless -a ./twins h
cut -d , -f 2- golden/*.ndjson
status refold run -a ./twins h -r text -r json=r.json
pick r.json proof.builds.*.aggregate proof.builds.*.file aggregates.*.name
sha256sum twins | cut -c 1-64 > sum
python3 -SEc 'import json; print({b["sha256"] for b in json.load(open("r.json"))["proof"]["builds"]} == {open("sum").read().strip()})'
# As plugin of each in a config it is started once.
echo '{"source": ["h"], "aggregates": {"counter": {"plugin": "./twins"}, "second": {"plugin": "./twins"}}}' > refold.json
status refold run -q
status refold golden prove golden h
status refold types -q --type Subtracted
cat > both.scenario << 'END'
scenario: it subtracts
aggregate second
given Subtracted {"By": 2}
state {"sum": -2}

scenario: it adds
aggregate counter
when Make
then Added {"By": 4}
then Added {"By": 4}
state {"sum": 8}
END
status refold scenario both.scenario
rm refold.json
# BASE and HEAD: paired by name, in whatever order they are.
status refold compare -q ./twins ./swapped h
status refold compare -q ./triplets ./twins h
status refold compare ./twins ./triplets h -r text -r json=r.json
pick r.json proof.builds.*.role proof.builds.*.aggregate warnings
status refold compare -q "$counter" ./twins h
status refold compare -q ./twins "$counter" h
# Two of one name, two that take everything, twice the same.
for name in stars namesakes; do
    code refold run -a ./$name h 2>&1
    code refold compare ./twins ./$name h 2>&1
done
code refold run -a ./twins -a "$counter" h 2>&1
code refold run -a ./twins -a ./twins h 2>&1
