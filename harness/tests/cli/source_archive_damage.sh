# SPDX-License-Identifier: MIT
# Broken archives, and members that cannot be read: damage, 3, with a sentence each.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | member | into 00 1
bless h -a "$order"
make_archive() {
    python3 -SE - "h/$(key 00 1)" "$(key 00 1)" << 'END'
import io, sys, tarfile, zipfile
data = open(sys.argv[1], "rb").read()
key = sys.argv[2]
def add(archive, name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field in fields.items():
        setattr(info, *field)
    archive.addfile(info, io.BytesIO(data))
with tarfile.open("odd.tar", "w", format=tarfile.GNU_FORMAT) as t:
    add(t, key, data)
    add(t, "./" + key, data)
    add(t, "../up.gz", data)
    add(t, "/abs.gz", data)
    add(t, "link.gz", type=tarfile.SYMTYPE, linkname="\x1b[31m" + key)
    add(t, "hard.gz", type=tarfile.LNKTYPE, linkname=key)
    add(t, "inner.tar", b"PK")
    add(t, "fifo", type=tarfile.FIFOTYPE)
    add(t, "a\nb.gz", data[:-1])
with zipfile.ZipFile("h.zip", "w") as z:
    z.writestr(zipfile.ZipInfo(key), data)
END
}
make_archive
show() {
    status refold run -q -r json=r.json "$1" -a "$order"
    sums r.json
    pick r.json damage.*.kind damage.*.object damage.*.message
}
show odd.tar
head -c 1000 odd.tar > cut.tar
show cut.tar
head -c 5120 odd.tar > early.tar
show early.tar
cat odd.tar odd.tar > pair.tar
show pair.tar
head -c 100 h.zip > cut.zip
show cut.zip
flip 150 < h.zip > flipped.zip
show flipped.zip
flip 31 < h.zip > renamed.zip
show renamed.zip
gzip -nc odd.tar | head -c 300 > cut.tar.gz
show cut.tar.gz
event a 1 OrderCreated > json.tar
show json.tar
status refold bless -q cut.tar -a "$order"
