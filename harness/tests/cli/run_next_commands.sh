# SPDX-License-Identifier: MIT
# What a report proposes can be pasted into a shell, and does what its words say.
. "$ROOT/harness/tests/cli/history.inc"
id="it's \$(odd)"
mkdir "my plugins"
cp "$order" "my plugins/the order.so"
# proposed WORDS: does what the last report proposes behind these words; its last lines.
proposed() {
    ended=0
    eval "$(sed -n "s/^$1:  //p" out)" > next || ended=$?
    mv next out
    tail -n 2 out
    echo "exit $ended; lines still wrong: $(grep -c '"status":"lost"' "my golden/order.ndjson")"
}
{ life a 2; life b 2; life "$id" 2; } | into 00
refold bless -q h -a "my plugins/the order.so" --golden "my golden"
sed -i 's/"status":"created"/"status":"lost"/; s/"items":1/"items":9/' "my golden/order.ndjson"
rm "my golden/order.meta.json"
echo '# all differ, in one value that counts and one that does not'
refold run --ignore /items h -a "my plugins/the order.so" -g "my golden" > out || true
tail -n 4 out
echo '# one alone'
proposed 'to run one alone'
echo '# what it proposes leaves the other lines as they are'
proposed 'to accept the new states'
echo '# the same with an id that needs quotes'
refold run h -a "my plugins/the order.so" -g "my golden" --id "$id" > out || true
proposed 'to accept the new states'
echo '# without a golden: the bless that the error names'
refold run h -a "my plugins/the order.so" 2> out || true
cat out >&2
eval "$(sed -n "s/.* today's states:  //p" out)" -q
status refold run -q h -a "my plugins/the order.so"
