# SPDX-License-Identifier: MIT
# A program that ends with 0, or closes its input, behind its last answer has crashed, where nothing more is asked of it too.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
{ add a 1; add a 2; } | into 00
for deed in leave deaf; do
    echo "--- $deed: alone, and among others"
    add b 1 $deed | into 01
    status refold bless -q --dry-run --id b -a "$counter" h -r json=r.json
    pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
    status refold bless -q --dry-run -a "$counter" h -r json=r.json
    pick r.json differences.*.id differences.*.kind differences.*.version differences.*.message
done
echo "--- by itself, when nothing is asked of it any more"
cp "$counter" both
rm -r h
add b 1 linger | into 01
for id in v w x y z; do add $id 1 doze Subtracted; done | into 02
status refold run -q -j 1 --no-compare -a ./both h
status refold bless -q -j 1 --purity=off -a ./both h
ls golden 2> /dev/null || echo "nothing is written"
echo "--- behind a scenario"
cat > leave.scenario <<'END'
scenario: it leaves
aggregate counter
given Added {"By": 2, "Do":"leave"}
state {"events": 1, "sum": 2}

scenario: it stays
aggregate counter
given Added {"By": 2}
state {"events": 1, "sum": 2}
END
status refold scenario -q -a "$counter" leave.scenario
