# SPDX-License-Identifier: MIT
# A merge says what the whole run says of a config and an envelope that it does not see itself.
. "$ROOT/harness/tests/cli/history.inc"
both() {
    refold run --no-compare "$@" -r json=whole.json -r text=whole.txt > out.txt 2>&1 || true
    for k in 1 2 3; do refold run -q --no-compare --shard $k/3 "$@" -r json=$k.json > out.txt 2>&1 || true; done
    code refold merge 3.json 1.json 2.json -r json=merged.json -r text=merged.txt 2> /dev/null
    for file in whole merged; do pick $file.json exit warnings > $file.warnings; done
    diff whole.warnings merged.warnings
    diff whole.txt merged.txt
}
{ for id in a b c d; do flat order $id 1 OrderCreated; done; for id in e f g; do flat ticket $id 1 TicketOpened; done; } | into 00
echo '{"aggregates":{"ticket":{"skip":[{"type":"TicketClosed","reason":"x"}]},"order":{"skip":[{"type":"OrderShipped","reason":"x"}]}}}' > refold.json
both -a "$AGGREGATES/case.so" h
cat merged.warnings
echo '# no record is an event'
rm refold.json h/*/*/*/*/*
for n in 1 2 3; do echo '{"meta":{"stream":"order","key":"a'$n'","seq":1},"kind":"OrderCreated","body":{}}'; done | into 00
both -a "$order" h
grep -e ' -e ' merged.txt
