# SPDX-License-Identifier: MIT
# What is proposed first is what would help: an envelope is no broken copy, and a circle no way out.
. "$ROOT/harness/tests/cli/history.inc"
echo "== records of another form: of standard input, and of a folder"
printf '{"aggregate":"a","v":1}\n{"aggregate":"a","v":2}\n' > other
status refold run - --no-compare -a "$order" < other
life a 2 | into 00
into 01 < other
status refold run h --no-compare -a "$order"
echo "== damage where nothing was read is not accepted, nor proposed to be"
rm -r h
into 01 < other
status refold bless h -a "$order"
status refold bless h -a "$order" --accept-damage 'for now'
echo "== versions that begin with 0"
rm -r h
{ event a 0 OrderCreated; event a 1 OrderApproved; } | into 00
status refold run h --no-compare -a "$order"
echo '{"aggregates":{"order":{"first":0}}}' > refold.json
status refold run h -q --no-compare -a "$order"
echo "== versions that begin in front of the first that the config says"
rm -r h
{ event a 3 OrderCreated; event a 4 OrderApproved; event b 2 OrderCreated; event b 3 OrderApproved; } | into 00
echo '{"aggregates":{"order":{"first":4}}}' > refold.json
status refold run h --no-compare -a "$order"
rm refold.json
echo "== a table of another form"
rm -r h
for n in 1 2 3; do
    printf '{"eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"key":{"S":"a"}},"NewImage":{"key":{"S":"a"},"v_%s":{"B":"e30="}}}}\n' $n
done | into 00
status refold run h --no-compare -a "$order"
echo "== records without events"
rm -r h
printf '[]\n[]\n' | into 00
status refold run h --no-compare -a "$order"
echo "== show takes times as --until does"
rm -r h
life a 5 | into 00
for at in 2026-07-01 2026-07-02 2026/07/01/01 2026-07-01T00:00:02Z 2026-07-01T00; do status refold show a h --at $at -a "$order"; done
status refold show a h --at yesterday -a "$order"
