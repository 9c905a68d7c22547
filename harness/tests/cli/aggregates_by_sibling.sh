# SPDX-License-Identifier: MIT
# Events without a name, of types that no aggregate declares, are whose the id's other events are: by the
# names of these, or by the line of a golden that covers them. Types never split an instance.
. "$ROOT/harness/tests/cli/history.inc"
file="$AGGREGATES/file.so"
case="$AGGREGATES/case.so"
bare() { flat order "$@" | sed 's/"aggregateType":"order",//'; }
flat order a 1 OrderCreated | into 00
bless h -a "$order" -a "$file"
bless --until 2026-07-01T01 -g close h -a "$order" -a "$file"
bare a 2 Foo | into 01
echo '== one build, two, and one that takes all'
status refold run -q h -a "$order"
status refold run -q h -a "$order" -a "$file"
status refold run -q h -a "$order" -a "$case"
echo '== behind a golden: all is read, and only what is behind it'
status refold run -q --from close h -a "$order" -a "$file"
status refold run -q --from close --since 2026-07-01T01 h -a "$order" -a "$file"
status refold bless -q --until 2026-07-01T02 -g whole h -a "$order" -a "$file"
status refold bless -q --from close --since 2026-07-01T01 --until 2026-07-01T02 -g on h -a "$order" -a "$file"
diff -r whole on && echo 'of the same bytes'
rm -r h golden
echo '== what takes all has it, whatever comes later'
bare b 1 Note | into 00
bless h -a "$order" -a "$case"
flat ticket b 1 Opened | into 01
status refold run -q h -a "$order" -a "$case"
rm -r h golden
echo '== two names, and whose it is nothing tells'
{ flat order a 1 OrderCreated; flat file a 1 FileRenamed; bare a 2 Foo; } | into 00
status refold run --no-compare h -a "$order" -a "$file"
rm -r h
echo '== by the config, by which a folder of objects has a name and another one none'
cat > refold.json << 'END'
{ "streams": [ { "match": "orders", "aggregate": "order" }, { "match": "files", "aggregate": "file" } ] }
END
event a 1 OrderCreated | into 00
bless h -a "$order" -a "$file" 2> told
event a 2 OrderFoo > tail.json
status refold run -q h tail.json -a "$order" -a "$file" 2> told
