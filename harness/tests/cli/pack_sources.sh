# SPDX-License-Identifier: MIT
# A packed object is found where it lies, however many sources there are now, and were when it was packed: never is one
# read twice.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
life b 2 | into 01
mv h s1
life c 2 | into 00
life d 1 | into 02
mv h s2
touch -d 2026-07-02T00:00:00Z s?/2026/07/01/*/*
sizes() { sed 's/[0-9]* bytes instead of [0-9]*/N bytes instead of M/'; }
pack() { status refold pack "$@" | sizes; }
run() {
    echo "run $*"
    status refold run -q -r json=r.json --no-compare -a "$order" "$@"
    pick r.json history.objects history.events history.duplicates
}
echo "--- packed alone, then there is a second source"
pack s1 -o s1.pack
pack s1 s2 --without s1.pack -o more.pack
run s1 s2
run s1.pack more.pack
run s1.pack s1 s2
run s2 more.pack s1.pack s1
run --verify s1.pack more.pack s1 s2
pack s1.pack more.pack -o all.pack
run all.pack s1 s2
echo "--- packed together, then one of them"
pack s2 --without all.pack -o none.pack
run all.pack s2
echo "--- each of its own, though both have an object of the same key"
pack s2 -o s2.pack
run s1.pack s2.pack s1 s2
run s2.pack s1.pack s2 s1
run s1.pack s2.pack
echo "--- an object in two packs"
run all.pack s1.pack
run all.pack more.pack s1 s2
pack ./s1 s2 -o again.pack
run s1.pack again.pack
pack "$PWD/s1" s2 --until 2026-07-01T01 -o first.pack
run s1.pack first.pack
echo "--- by another name: by the key, if only one can be meant, and then by contents"
run all.pack "$PWD/s1" ./s2/
run s1.pack "$PWD/s1" s2
rm "s2/$(key 00)"
run s1.pack "$PWD/s1" s2
life e 2 > "s1/$(key 01)"
touch -d 2026-07-02T00:00:00Z "s1/$(key 01)"
run s1.pack s1 s2
run s1.pack "$PWD/s1" s2
pack "$PWD/s1" s2 --without s1.pack -o x.pack
echo "--- what is gone is not looked for in another source"
mkdir -p s2/2026/07/01/01
mv "s1/$(key 01)" "s2/$(key 01)"
run s1.pack s1 s2
pack s1 s2 --without s1.pack -o since.pack
echo "--- by a source within: another key"
pack s1/2026 s2 --without s1.pack -o x.pack
run s1.pack s1/2026/07/01/00 s2
echo "--- files, one by one"
pack s1/2026/07/01/*/* -o files.pack
pack s1/2026/07/01/*/* s2/2026/07/01/*/* --without files.pack -o others.pack
run files.pack others.pack
run files.pack s1/2026/07/01/*/* s2/2026/07/01/*/*
