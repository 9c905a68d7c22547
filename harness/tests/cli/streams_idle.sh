# SPDX-License-Identifier: MIT
# Rules of the config's streams that no object comes to do nothing: they are named, with what there is.
. "$ROOT/harness/tests/cli/history.inc"
file="$AGGREGATES/file.so"
# put FOLDER STREAM [HOUR]: standard input as an object of this stream.
put() {
    mkdir -p "h/$1/$(dirname "$(key "${3:-00}")")"
    cat > "h/$1/$(key "${3:-00}" 1 "$2")"
}
life a 2 | put orders orders-prod
event a 1 FileDeleted '"commit":"d"' | put files files-prod 01
echo 'by folder: nothing is matched, and two aggregates fit'
cat > refold.json << 'END'
{ "streams": [ { "match": "orders/*", "aggregate": "order" }, { "match": "files/*", "aggregate": "file" } ] }
END
for verb in "run --no-compare" bless types; do
    echo "$verb" >&2
    status refold $verb -q h -a "$order" -a "$file"
done
echo compare >&2
status refold compare -q "$order" "$order" h
echo doctor >&2
status refold doctor -q h
echo 'by name: each has its own'
sed -i 's,/\*,-*,g' refold.json
echo 'by name' >&2
status refold bless -q h -a "$order" -a "$file"
echo 'one matches nothing, one what another has, and more than are named'
cat > refold.json << 'END'
{ "streams": [ { "match": "o*", "aggregate": "order" }, { "match": "f*", "aggregate": "file" },
               { "match": "orders-*", "envelope": "flat" }, { "match": "\u001b[2J" }, { "match": "x" }, { "match": "y" },
               { "match": "z" } ] }
END
echo 'some' >&2
status refold run -q h -a "$order" -a "$file" -r json=r.json
pick r.json warnings
echo 'what is left out may have had it'
echo 'until' >&2
status refold run -q h -a "$order" -a "$file" --until 2026-07-01T01
echo 'names of no stream'
rm -r h/orders h/files refold.json
life a 1 > h/events.json
echo '{"streams":[{"match":"*","aggregate":"order"}]}' > refold.json
echo 'no stream' >&2
status refold run --no-compare -q h -a "$order"
