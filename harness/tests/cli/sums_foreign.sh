# SPDX-License-Identifier: MIT
# Holds no events, and no packer's name: foreign, named, no damage. A packer's name without events is damage; an empty object is read.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00 1
echo 'hello' > h/README.txt
echo '{"n":1}' > h/2026/07/01/00/_manifest
printf '\211PNG\r\n' > h/2026/07/01/00/picture.png
: > h/2026/07/01/00/nothing.gz
: > h/nothing.txt
printf '[]\n[]\n' > h/2026/07/01/00/empty.json
printf '' | member > h/2026/07/01/00/empty.gz
mkfifo h/fifo
bless h -a "$order"
status refold run -v -r text -r json=r.json h -a "$order" | grep -v -e '^proof' -e '^build' -e '^time'
sums r.json
pick r.json history.foreign_names
echo 'hello' > h/2026/07/01/00/hello.json
echo '{"n":1}' > h/2026/07/01/00/hello.JSON.GZ
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.message damage.*.object
echo "--- records in which no one finds an event are damage under any name, but for hidden ones"
rm h/2026/07/01/00/hello.*
echo '{"n":1}' > h/2026/07/01/00/part-00000
echo '"{\"n\":1}"' > h/2026/07/01/00/part-00001
printf 'Obj\001\004' > h/2026/07/01/00/part-00002
echo '{"n":1}' > h/2026/07/01/00/.part-00003
mkdir h/.notes
echo '{"n":1}' > h/.notes/one
printf '{"n":1}\n{"n":2}\n' | member > h/2026/07/01/00/part-00004
printf '{"n":12345678901234567890}' | base64 -w 0 > h/2026/07/01/00/part-00005
printf '1\n{"n":1}\n' > h/2026/07/01/00/part-00006
status refold run -q -r json=r.json h -a "$order"
sums r.json
pick r.json damage.*.kind damage.*.message damage.*.object
status refold doctor -q h
echo "--- a packed one whose first record begins as one, and is damaged; so is text in which one begins"
rm h/2026/07/01/00/part-*
printf '{"t":"a\nb","d":{}}' | member > h/2026/07/01/00/part-00000
printf '\n[ {"t":"a", "d":}]\n' | member > h/2026/07/01/00/part-00001
printf 'Notes: {"t":\n{"t":"a\nb"}\n' | member > h/2026/07/01/00/part-00002
printf '[draft] notes\n' | member > h/2026/07/01/00/part-00003
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.kind damage.*.object history.foreign_names
rm h/2026/07/01/00/part-*
status refold doctor h
echo "--- lines of JSON under each of their names, packed or not: a page and NULs are damage"
for name in a.jsonl b.JSONL c.jsonlines d.ndjson e.jsonl.gz f.jsonl.bz2 g.ndjson.xz; do
    echo '<html><body>403 Forbidden</body></html>' > "h/2026/07/01/00/page-$name"
    printf '\000\000\000\000' > "h/2026/07/01/00/zeros-$name"
done
status refold run -q -r json=r.json h -a "$order"
pick r.json damage.*.object history.foreign_names
