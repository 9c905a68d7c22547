# SPDX-License-Identifier: MIT
# One flipped bit anywhere, a cut, bytes behind: never green, and nothing of the object is folded.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00 1
life b 3 > b
life c 2 > c
python3 -SE - << 'END'
import binascii, os, struct
def member(data):
    return (b"\x1f\x8b\x08" + bytes(6) + b"\xff" + struct.pack("<BHH", 1, len(data), len(data) ^ 0xffff) + data +
            struct.pack("<II", binascii.crc32(data), len(data)))
def flip(data, at):
    data = bytearray(data)
    data[at] ^= 1
    return bytes(data)
good, other = member(open("b", "rb").read()), member(open("c", "rb").read())
variants = [("the magic", flip(good, 0)), ("the method", flip(good, 2)), ("the data", flip(good, 40)),
            ("the CRC", flip(good, -8)), ("the length", flip(good, -4)), ("cut by one byte", good[:-1]),
            ("cut in the data", good[:100]), ("cut behind the header", good[:10]), ("a byte behind", good + b"x"),
            ("zeros behind", good + bytes(4)), ("a broken second member", good + flip(other, -8)),
            ("a good second member", good + other), ("gzip inside gzip", member(good)), ("and once more", member(member(good))), ("as it was", good)]
os.mkdir("v")
for number, (name, data) in enumerate(variants):
    open("v/%02d %s" % (number, name), "wb").write(data)
END
{ cat b; } | into 01 2
bless h -a "$order"
for variant in v/*; do
    into 01 2 < "$variant"
    echo "== ${variant#v/}"
    status refold run -q -r json=r.json h -a "$order" > end
    tail -n 1 end
    pick r.json history.unreadable history.withdrawn history.folded damage.*.kind damage.*.message
done
