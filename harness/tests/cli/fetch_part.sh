# SPDX-License-Identifier: MIT
# A mirror that is a part of what should be there is known as one, however it is named, and whatever it lies in.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
life a 2 | into 00 1
life b 2 | into 00 2
life c 1 | into 01 3
cp -r h s
rm "h/$(key 01 3)"
code refold bless -q h -a "$order"
serve
keys
echo 403 > "faults/$(key 01 3 | tr / _)"
fetch -q -o top/m
# said VERB ARGUMENT...: what a verb says of it, and how it ends.
said() {
    ended=0
    refold "$@" > out.txt 2>&1 || ended=$?
    sed -n -e "s,$PWD/,HERE/,g" -e '/a part of the history\|manifest\|keeps for itself\|^same/p' out.txt
    echo "exit $ended"
}
echo "--- itself, by each verb"
for verb in doctor cat types; do
    said $verb top/m
done
said ls top/m
said show a top/m -a "$order"
said pack -q top/m -o x.pack
echo "--- the folder that it lies in, and those in it"
said run -q top -a "$order"
said run -q top/m/2026/07 -a "$order"
ln -s top/m/2026/07/01/00 linked
said run -q linked -a "$order"
echo "--- a folder or a file of it, by links in another folder"
mkdir links
ln -s ../top/m/2026/07/01/00 links/
said run -q links -a "$order"
rm links/00
mkdir links/00
ln -s "../../top/m/$(key 00 1)" links/00/
ln -s "../../top/m/$(key 00 2)" links/00/
said run -q links -a "$order"
rm -r links/00
ln -s "$PWD/h/2026/07/01/00" links/
said run -q links -a "$order"
echo "--- a file of it"
said run -q "top/m/$(key 00 1)" -a "$order"
echo "--- archives"
tar -czf m.tar.gz -C top/m .
tar -cf top.tar top
said run -q m.tar.gz -a "$order"
said run -q top.tar -a "$order"
echo "--- cut off"
cp -r top/m cut
rm cut/.refold-manifest.ndjson
mkdir cut/.refold-partial
: > cut/.refold-partial/journal.ndjson
mkdir above
mv cut above
tar -cf cut.tar above
for source in above/cut above above/cut/2026 cut.tar; do
    said run -q $source -a "$order"
done
echo "--- what tells it cannot be read"
manifest=top/m/.refold-manifest.ndjson
for text in "" "{}" '{"bytes":0,"entries":0,"format":1,"missing":0,"objects":0,"source":"' '{"format":2}'; do
    echo "$text" > $manifest
    for source in top/m top top/m/2026; do
        said run -q $source -a "$order"
    done
done
: > $manifest
said run -q top/m -a "$order"
rm $manifest
mkfifo $manifest
said run -q top/m -a "$order"
rm $manifest
ln -s .refold-manifest.ndjson $manifest
said run -q top/m/2026 -a "$order"
rm $manifest
echo "--- without it, it is a folder as others are"
said run -q top -a "$order"
echo "--- what only has a step of such a name is history"
mkdir h/.refold-partial
mv "h/2026/07/01/00" h/.refold-partial/
said run -q h -a "$order"
echo "--- what has the name of a file of fetch's own is left out, and told where nothing was fetched"
mkdir -p h/a/.refold-partial
for name in journal manifest; do
    rm -rf h/a/.refold-partial/*
    life x 1 > h/a/.refold-partial/$name.partial
    life x 1 > h/a/.refold-partial/0123456789abcdef0123456789abcdef.partial
    said run -q h -a "$order"
done
