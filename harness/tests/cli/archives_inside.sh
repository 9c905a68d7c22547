# SPDX-License-Identifier: MIT
# An archive within a folder is not opened, and so is damage by whatever name; what macOS leaves beside files is none.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
bless h -a "$order"
mkdir part
{ life b 3; life c 2; } > part/x.ndjson
life d 1 > part/y.ndjson
pack_up() { # by python: the same bytes everywhere
    python3 -SEc 'import gzip, io, sys, tarfile, zipfile
form, out, names = sys.argv[1], sys.argv[2], sys.argv[3:]
if form == "zip":
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), open(name, "rb").read())
    sys.exit()
data = io.BytesIO()
with tarfile.open(fileobj=data, mode="w", format=int(form)) as archive:
    for name in names:
        entry = tarfile.TarInfo(name)
        entry.size = len(open(name, "rb").read())
        archive.addfile(entry, open(name, "rb"))
data = data.getvalue()
open(out, "wb").write(gzip.compress(data, 1, mtime=0) if out.endswith("gz") else data)' "$@"
}
echo "== each alike"
for name in ustar.tar 2025.TAR 2025.tar.gz 2025.tgz; do
    pack_up 0 "h/$name" part/x.ndjson part/y.ndjson
    status refold run h -q -r json=r.json -a "$order"
    pick r.json history.read history.unreadable history.foreign history.malformed
    rm "h/$name"
done
pack_up 2 h/pax.tar part/x.ndjson
pack_up zip h/two.zip part/x.ndjson part/y.ndjson
if command -v zstd > /dev/null; then zstd -qf h/pax.tar -o h/2025.tar.zst; else cp h/pax.tar h/2025.tar.zst; fi
status refold run h -a "$order"
echo "== known, it is passed over; from a pack too"
status refold bless h -q -a "$order" --accept-damage 'that of before is in a place of its own'
status refold run h -q -a "$order"
refold pack h -q -o h.pack || true
status refold run h.pack -q -a "$order"
echo "== as a source of its own it is opened"
cp h/pax.tar .
rm h/*.* golden/known-damage.json
status refold run h pax.tar -q -a "$order"
echo "== a name alone is no archive, however much there is; nor is what is broken in front"
python3 -SEc 'for i in range(4000): print("{\"t\":\"OrderCreated\",\"d\":{\"ID\":\"z%d\",\"Version\":1,\"At\":\"2026-07-01T00:00:01Z\"}}" % i)' > h/2025.tar
cp h/2025.tar h/2025.tgz
: > h/none.tar
: > h/none.tar.gz
status refold run h -q -r json=r.json -a "$order"
pick r.json history.read history.events history.duplicates history.unreadable
rm h/*.*
echo "== what macOS leaves is no history, be it named as Firehose names"
double() { printf '\000\005\026\007\000\002\000\000Mac OS X        {"t":"OrderCreated","d":{"ID":"m","Version":1,"At":"2026-07-01T00:00:01Z"}}\n'; }
double > "h/2026/07/01/00/._$(basename "$(key 00)")"
double > h/._x.gz
printf '\000\000\000\001Bud1\000\000\020' > h/.DS_Store
printf '\000\000\000\001Bud1\000{{{\n' > h/2026/.DS_Store
status refold run h -a "$order"
echo "== but what only has such a name is read"
life a 3 > h/._y
status refold run h -q -r json=r.json -a "$order"
pick r.json history.duplicates history.foreign
echo "== and what the user names is his"
status refold run h/._x.gz -q --no-compare -a "$order"
