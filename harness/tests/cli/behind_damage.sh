# SPDX-License-Identifier: MIT
# One damaged record costs no other: what is whole behind it is read, on lines and joined, and what was passed over is told.
. "$ROOT/harness/tests/cli/history.inc"
told() {
    status refold run --no-compare -q -r json=r.json h -a "$order"
    pick r.json history.records history.events history.malformed damage.*.message
}
cut() { event "$1" 1 OrderCreated '"Note":"say \"hi\""' | head -c "$2"; }
whole() { for id; do event "$id" 1 OrderCreated '"Note":"say \"{\" or }{"'; done; }
joined() { tr -d '\n'; }
echo "== a line that was cut in a string"
{ whole a; cut x 40; echo; whole b c d; } | into 00
told
status refold bless -q -g golden --accept-damage 'cut by the producer' h -a "$order"
grep -o '"id":"[a-z]*"' golden/order.ndjson | tr '\n' ' '
echo
rm -r golden
echo "== the same, joined by nothing"
{ whole a; cut x 40; whole b c d; } | joined | into 00
told
echo "== a quote is lost"
{ whole a; event x 1 OrderCreated '"Note":"hi' | sed 's/"Note/Note/'; whole b c d; } | into 00
told
echo "== several in a row are one"
{ whole a; cut x 40; echo; cut y 50; echo; cut z 60; echo; whole b c; } | into 00
told
echo "== what is neither a record nor base64, and records in its line"
{ whole a; printf 'x'; whole b c; printf ',"d":{"ID":"y"}}'; whole d; } | joined | into 00
told
echo "== a part of a damaged record is none"
{ printf '{"copy":'; whole p | joined; printf ',}\n'; whole a; } | into 00
told
echo "== nothing whole comes behind it"
{ whole a b; cut x 40; } | into 00
told
