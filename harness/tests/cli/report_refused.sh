# SPDX-License-Identifier: MIT
# What is wrong with the command, or the config, is reported as what is wrong later: no green report stays.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
echo '{"source":["h"]}' > refold.json
bless -a "$order"
reports="-r junit=r.xml -r json=r.json -r text=r.txt -r markdown=r.md -r github=r.gh"
# red: whether each of them is an error's.
red() {
    pick r.json verdict exit nothing error history.objects
    grep -c '<error type="uncompared"' r.xml || true
    grep -c '^uncompared: .*(exit 2)$' r.txt || true
    grep -c '^## refold run: uncompared$' r.md || true
    grep -c '^::error title=refold run%3A uncompared::' r.gh || true
}
# try WORD...: of a run that is green without them.
try() {
    echo "# $*"
    code refold run -q -a "$order" $reports 2>&1
    code refold run -q -a "$order" $reports "$@" 2>&1
    red
}
for failing in "--until x" "--ids nofile" "--limit object=q" "--memory q" "--today q" "--since 2026-07-01" "--shard 3/2" \
    "-C nofile.json" "-e flatt" "--ignore x" "-j 0" "--color x" "-g refold.json" "--bogus" "--at-head=yes" "--timeout"; do
    try $failing
done
try h ''
echo '# a variable'
code refold run -q -a "$order" $reports
REFOLD_AT_HEAD=maybe REFOLD_REPORT=json=r.json code refold run -q -a "$order" 2>&1
pick r.json exit error
echo '# a config that is broken, or gone'
for config in '{"source":["h"],' '{"polcy":{}}' '{}'; do
    code refold run -q -a "$order" $reports
    mv refold.json good.json
    echo "$config" > refold.json
    code refold run -q -a "$order" $reports 2>&1
    red
    mv good.json refold.json
done
echo '# standard output'
for format in json junit tap markdown github text; do
    refold run -a "$order" -C nofile.json -r $format 2> /dev/null | head -n 3 || true
done
echo '# a pipe'
mkfifo pipe
cat pipe > got &
code refold run -a "$order" --until x -r json=pipe 2>&1
wait
pick got exit error
echo '# other verbs'
for verb in "bless -a $order" "compare $order $order" "golden prove golden -a $order" "merge r.json" "scenario -a $order sc"; do
    refold $verb -r json=verb.json --bogus 2>&1 || echo "exit $?"
    grep -E '^  "(verb|verdict|exit)"' verb.json
done
code refold golden verify -r json=none.json 2>&1
code refold golden -r json=none.json 2>&1
code refold ls -r json=none.json 2>&1
code refold run -r json=none.json -r xml 2>&1
test ! -e none.json
echo '# what is no report is not written over, and what is read is not, report or not'
echo '{"source":[' > refold.json
echo 'my notes' > notes
cp "h/$(key 00)" object
: > empty
code refold run -a "$order" -r text=notes -r json=object -r tap=. -r junit=empty -r markdown=r.md 2>&1
cat notes
cmp object "h/$(key 00)" || true
grep -c '<error type="uncompared"' empty || true
ls -d .
cp r.json h/report
code refold run h -a "$order" -r tap=h/report -r junit=r.xml 2>&1
cmp r.json h/report || true
code refold merge --bogus r.json -r tap=r.json 2>&1
pick r.json exit
code refold run h -a "$order" -r json=refold.json 2>&1
cat refold.json
code refold run h -a "$order" -r json=two -r tap=two 2>&1
test ! -e two
code refold run h -a "$order" -r json=golden/other.ndjson 2>&1
code refold run h -a "$order" -g g -r json=g/order.ndjson 2>&1
code refold run h -a "$order" --from g -r json=g/order.ndjson 2>&1
code refold golden prove g h --bogus -a "$order" -r json=g/order.ndjson 2>&1
ls golden
echo '# a report in text is known, however long: its verdict stands at the end'
{ yes 'order id-1 @3' | head -n 100000; echo 'same: 3 orders compared'; } > long
code refold run h -a "$order" -r text=long 2>&1
grep -c '^uncompared: ' long
rm refold.json h/report
echo '# nor is what a build reads, for all that refold knows'
echo 'module example.com/orders' > go.mod
for file in notes go.mod .; do
    code refold run h -q -a "$order" $reports -r tap=$file 2>&1
done
red
cat notes go.mod
code refold run h -q -a "$order" -r tap=notes -r json=notes 2>&1
echo '# a report that would take the place of what is read: the others tell of it'
code refold run h -q -a "$order" $reports -r tap="h/$(key 00)" 2>&1
red
cmp object "h/$(key 00)" || true
