# SPDX-License-Identifier: MIT
# What holds no records as they were put is unreadable, with a sentence; so is what is packed in a way that refold does not read.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00 1
python3 -SE - << 'END'
import io, os, struct, tarfile, zlib
def local(flags, method, name):
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 0, 0, 0, 0, len(name), 0) + name
def gzip(data):
    z = zlib.compressobj(0, zlib.DEFLATED, 31)
    return z.compress(data) + z.flush()
def tar(format):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        archive.addfile(tarfile.TarInfo("x.json"))
    return out.getvalue()
objects = [
    b"PAR1 columns", b"ORC columns", b"\xe0\1\0\xea ion", b"\x89RFPACK\n and more",
    local(1, 8, b"x"), local(0, 12, b"x"), local(8, 0, b"x"), local(0, 0, b"x/"), b"PK\3\4 cut",
    b"\x28\xb5\x2f\xfd zstd", b"\x28\xb5\x2f\xfd\0\xff", b"\x28\xb5\x2f\xfd\x21\7\0\0\0", b"\x28\xb5\x2f\xfd",
    b"\xff\6\0\0sNaPpY\2\0\0\0", b"\x82SNAPPY\0\0\0\0\2\0\0\0\2", b"\x82SNAPPY\0\0\0\0\1\0\0\0\1\0\0\0\4\4\4ab",
    b"\0\0\0\x0c\0\0\0\x0e\x0c\x2cHello world?"[:-1], gzip(gzip(gzip(b"{}"))), gzip(gzip(b"{}")[:-1]),
    tar(tarfile.PAX_FORMAT), gzip(tar(tarfile.GNU_FORMAT)), b"\xfd7zXZ\0 packed", b"BZh91AY&SY packed",
    '{"t":1}\n'.encode("utf-16-le"), "\ufeff{}\n{}\n".encode("utf-16-be"),
]
for number, data in enumerate(objects):
    open("%02d" % number, "wb").write(data)
END
for object in ??; do
    into 01 < "$object"
    status refold run --no-compare -q -r json=r.json h -a "$order" > end
    tail -n 1 end
    pick r.json damage.*.kind damage.*.message
done
