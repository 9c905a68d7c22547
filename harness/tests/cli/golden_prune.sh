# SPDX-License-Identifier: MIT
# Lines of instances that are gone from history go, and nothing else; where that cannot be told, none.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; life c 4; } | into 00
bless h -a "$order"
cp -r golden good
prune() {
    echo "== $1"
    shift
    status refold golden prune "$@"
    if diff -r golden good > /dev/null; then echo 'as it was'; else rm -r golden; cp -r good golden; fi
}
prune 'nothing is gone' h -a "$order"
life b 4 | into 00
prune 'a and c are gone: to see which' --dry-run h -a "$order"
CI=1 prune 'not in CI' h -a "$order"
CI=1 prune 'but to see which' --dry-run -q h -a "$order"
prune 'who an event is of cannot be told' h
prune 'an aggregate of which there is nothing' h -a "$AGGREGATES/file.so"
echo '{"t":"Order' | into 01
prune 'what cannot be read may be of them' h -a "$order"
printf '{"policy":{"malformed":"warn","gap":"warn"}}' > waived.json
prune 'also where that is waived' -C waived.json -g golden h -a "$order"
event d 2 OrderPaid | into 01
prune 'a gap' h -a "$order"
rm -r h/2026/07/01/01
: | into 01; prune 'a copy that broke off may be of them' h -a "$order"
: | gzip | into 01; prune 'or of what was packed' h -a "$order"
rm -r h/2026/07/01/01; for name in README one two three; do echo 'of a' > "h/$name"; done
prune 'what is foreign is named' h -a "$order"
rm h/[Rot]*
sed -i 's/"items":1/"items":7/' golden/order.ndjson; cp golden/order.ndjson good
prune 'edited by hand' h -a "$order"
rm golden/order.meta.json good/order.meta.json
prune 'not sealed' h -a "$order"
echo '=======' >> golden/order.ndjson; cp golden/order.ndjson good
prune 'damaged' h -a "$order"
prune 'no golden' -g nowhere h -a "$order"
prune 'no history' nowhere -a "$order"
mkdir empty; prune 'no event' empty -a "$order"
prune 'no selection' --id a h -a "$order"
rm -r golden
life a 2 | into 00; life b 2 | into 01; bless h -a "$order"
rm -r h/2026/07/01/00
status refold golden prune h -a "$order"
cat golden/order.ndjson
status refold golden verify -q
status refold run -q h -a "$order"
REFOLD_ID=a status refold golden prune h -a "$order"
