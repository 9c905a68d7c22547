# SPDX-License-Identifier: MIT
# Sources of which one lies within another, or is another: refused before anything is read. Nobody could tell the second
# reading of events without versions.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
bless h -a "$order"
run() {
    status refold run -q "$@" -a "$order"
}
echo "--- twice, under whatever name"
run h h
run h h/
run h "$PWD/h"
ln -s h linked
run h linked
status refold bless -q -g other h linked -a "$order"
test ! -e other
status refold types h h
status refold ls h h
echo '{"source": ["h", "./h"]}' > refold.json
run
rm refold.json
echo "--- one within the other, in any order"
run h h/2026
run linked/2026/07 h
run "h/$(key 00 1)" h
echo "--- archives and packs"
tar -cf h.tar h
run h.tar h.tar
cp h.tar h/
run h h/h.tar
rm h/h.tar
refold pack -q h -o h.pack
run h.pack ./h.pack
ln h.pack again.pack
run h.pack again.pack
cp h.pack h/
run h/h.pack h
rm h/h.pack
echo "--- links within sources"
mkdir more
ln -s ../h more/behind
run h more
rm more/behind
ln "h/$(key 00 1)" more/hard
run h more
rm more/hard
echo "--- links within one source: to a folder, to a file, hard ones; marks that hold nothing may be linked"
ln -s 2026/07/01 h/latest
run h
status refold bless -q -g other h -a "$order"
test ! -e other
status refold pack -q h -o twice.pack
status refold doctor -q h
rm h/latest
ln -s "$(key 00 1)" h/soft
run h
rm h/soft
ln "h/$(key 00 1)" h/hard
run h
rm h/hard
: > h/_SUCCESS
ln h/_SUCCESS h/2026/_SUCCESS
run h
rm h/_SUCCESS h/2026/_SUCCESS
echo "--- tables and buckets"
run s3://history/orders s3://history/orders/
run s3://history/orders s3://history/orders/2026
run dynamodb://orders dynamodb://orders
echo "--- capitals of a scheme, or a host, mean nothing"
run s3://history S3://history
run S3://history/2026 s3://history
run DynamoDB://orders dynamodb://orders
run https://Example.org/a HTTPS://example.org/a
echo "--- neither: a pack beside its folder, names that begin alike, a golden within, a copy"
run h.pack h
life b 1 > more/b.json
mv more h-more
status refold run -q --no-compare h h-more -a "$order"
cp -R golden h/
status refold run -q --no-compare -g h/golden h h-more -a "$order"
cp -R h-more copied
status refold run -q --no-compare h-more copied -a "$order"
