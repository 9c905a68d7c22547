# SPDX-License-Identifier: MIT
"""Objects, archives and records that are small and become large: each limit of harness/base/limits.h is hit, named, and
can be raised; neither memory nor time goes where the bomb wants it."""

import gzip
import hashlib
import io
import json
import os
import struct
import subprocess
import tarfile
import time
import zipfile
import zlib

from support import aggregate, all_cases, cases, expect, expect_status, fault, lines_of, REFOLD, refold, Scratch, write_bytes, slow

CASE = aggregate("case")
MIB = 1 << 20
HOUR = "2020/01/01/00/"


def event(identity="a", version=1, **data):
    return {"aggregateType": "case", "aggregateId": identity, "version": version, "type": "t", "at": "2020-01-01T00:00:00Z",
            "data": data}


def raw_event(text):
    """An event whose data is this text."""
    return lines_of([event(x=0)]).replace(b'"data":{"x":0}', b'"data":' + text)


GOOD = lines_of([event("good", 1), event("good", 2)])


def zeros(total):
    """One member of gzip that would become `total` blanks: a chunk of it again and again, for its CRC is never reached."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    front = packer.compress(b" " * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunk = packer.compress(b" " * (16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return front + chunk * (total // (16 * MIB))


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, data in members.items():
            archive.writestr(key, data)
    return out.getvalue()


def tar_of(members, mode):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for key, data in members.items():
            info = tarfile.TarInfo(key)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def many(count):
    return {HOUR + "%06d.json" % n: GOOD if n == 0 else b"" for n in range(count)}


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def kpl(parts):
    """An aggregate of the Kinesis Producer Library."""
    def field(data):
        count, head = len(data), b"\x1a"
        while count > 0x7f:
            head += bytes([count & 0x7f | 0x80])
            count >>= 7
        return head + bytes([count]) + data

    body = b"".join(field(field(part)) for part in parts)
    return b"\xf3\x89\x9a\xc2" + body + hashlib.md5(body).digest()


def lying_tar():
    info = tarfile.TarInfo(HOUR + "b.gz")
    info.size = 1 << 40
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def bombs():
    """(what, name of the source below the scratch folder, its bytes, what the damage says, further options)"""
    blanks = b" " * (64 * MIB)
    member = gzip.compress(b" " * (32 * MIB), 9)
    nested = b"[" * 1000000
    yield "10 GiB in one member", "x.gz", zeros(10 << 30), "--limit ratio=N", ()
    yield "10 GiB in members of 32 MiB", "x.gz", member * 320, "--limit ratio=N", ()
    yield "two layers", "x.gz", gzip.compress(member), "--limit ratio=N", ()
    yield "two layers, the inner one of nothing", "x.gz", gzip.compress(gzip.compress(b"") * 1000000, 1), "RF_LIMIT_WORTH", ()
    yield "three layers", "x.gz", gzip.compress(gzip.compress(gzip.compress(GOOD))), "RF_LIMIT_LAYERS", ()
    yield "zstd of blanks", "x.zst", zstd(blanks), "--limit ratio=N", ()
    yield "a tar.zst of blanks", "x.tar.zst", zstd(tar_of({HOUR + "x.json": blanks}, "w")), "--limit ratio=N", ()
    yield "a zip of blanks that is an object", "x", zip_of({"x": blanks}), "--limit ratio=N", ()
    yield "Snappy frames that say much and hold nothing", "x.snappy", struct.pack(">III", 64 * MIB, 60 * MIB, 0xFFFFFF7F), "Snappy", ()
    yield "an aggregate of gzip", "x", kpl([gzip.compress(b" " * MIB)] * 40), "--limit object=SIZE", ("object=8M",)
    yield "an aggregate of the smallest fields", "x", b"\xf3\x89\x9a\xc2" + b"\x0a\x01a" * (6 * MIB), "--limit record=SIZE", ()
    yield "aggregates in aggregates' fields", "x", (b"\xf3\x89\x9a\xc2" + b"\x0a\x05a\xf3\x89\x9a\xc2" * MIB) * 2, "KPL", ()
    yield "more than an object may hold", "x.gz", gzip.compress(os.urandom(8 * MIB), 1), "--limit object=SIZE", ("object=4M",)
    yield "more than a plain object may hold", "x.json", GOOD * 90000, "--limit object=SIZE", ("object=4M",)
    yield "a zip of blanks", "x.zip", zip_of({HOUR + "x.json": blanks}), "--limit ratio=N", ()
    yield "a zip of many members", "x.zip", zip_of(many(5000)), "--limit members=N", ("members=4000",)
    yield "a tar.gz of blanks", "x.tar.gz", tar_of({HOUR + "x.json": blanks}, "w:gz"), "--limit ratio=N", ()
    yield "a tar.gz of many members", "x.tar.gz", tar_of(many(5000), "w:gz"), "--limit members=N", ("members=4000",)
    yield "a tar whose member says a TiB", "x.tar", lying_tar(), "--limit object=SIZE", ()
    # 2 GiB of window, and a Snappy block that says 4 GiB.
    yield "zstd with a huge window", "x.zst", struct.pack("<IBB", 0xFD2FB528, 0, 0xA8) + b"\x01\0\0", "zstd", ()
    yield "Snappy with a false length", "x.snappy", b"\xff\x06\0\0sNaPpY" + b"\0\x0a\0\0" + b"\xff\xff\xff\xff\x0f" * 2, \
        "Snappy", ()
    yield "a million brackets", "x.json", raw_event(b'{"x":' + nested), "--limit depth=N", ()
    yield "a million objects", "x.json", raw_event(b'{"x":' * 1000000), "--limit depth=N", ()
    yield "a long record", "x.json", raw_event(b"[" + b"1," * (9 * MIB) + b"1]"), "--limit record=SIZE", ()
    yield "a long line of base64", "x.json", b"QUFB" * (5 * MIB) + b"\n", "--limit record=SIZE", ()
    yield "a long string", "x.json", raw_event(b'{"x":"' + b"x" * (9 * MIB) + b'"}'), "--limit string=SIZE", ()
    yield "a long key", "x.json", raw_event(b'{"' + b"x" * (9 * MIB) + b'":1}'), "--limit string=SIZE", ()
    yield "many keys", "x.json", raw_event(json.dumps({"%x" % n: 0 for n in range(70000)}).encode()), "--limit keys=N", ()
    yield "a long id", "x.json", lines_of([event("i" * 5000)]), "--limit id=SIZE", ()


def high_water(pid):
    """KiB of memory that a process had at the most; 0 where it has ended, or is still this program."""
    try:
        with open("/proc/%d/status" % pid, encoding="utf-8") as f:
            lines = dict(line.split(":", 1) for line in f)
    except OSError:
        return 0
    return int(lines["VmHWM"].split()[0]) if "VmHWM" in lines and "refold" in lines["Name"] else 0


class Measured:
    """A run, with the memory and CPU time that it took."""

    def __init__(self, *arguments, cwd):
        env = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("REFOLD_")}
        with open(os.path.join(cwd, "stdout"), "wb") as out, open(os.path.join(cwd, "stderr"), "wb") as err:
            started = time.monotonic()
            process = subprocess.Popen([REFOLD, *arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            # Not by ru_maxrss: that holds what this process had when it forked, too.
            self.kib = 0
            found = (0, 0, None)
            while found[0] == 0:
                self.kib = max(self.kib, high_water(process.pid))
                time.sleep(0.002)
                found = os.wait4(process.pid, os.WNOHANG)
            process.returncode = os.waitstatus_to_exitcode(found[1])
        self.seconds = time.monotonic() - started
        self.cpu = found[2].ru_utime + found[2].ru_stime
        self.status, self.stdout, self.stderr = process.returncode, read(cwd, "stdout"), read(cwd, "stderr").decode()


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


@fault(5)
def test_no_bomb_goes_off():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "good", HOUR, "good.json"), GOOD)
        sound = Measured("run", "--no-compare", "-r", "json", "-j", "1", "-a", CASE, "good", cwd=scratch)
        expect_status(sound, 0, "sound")
        for number, (what, name, data, says, limits) in enumerate(bombs()):
            folder = os.path.join(scratch, str(number))
            is_archive = any(mark in name for mark in (".zip", ".tar"))
            source = os.path.join(folder, name) if is_archive else folder
            write_bytes(source if is_archive else os.path.join(folder, HOUR, name), data)
            options = [word for limit in limits for word in ("--limit", limit)]
            run = Measured("run", "--no-compare", "-r", "json", "-j", "1", "-a", CASE, *options, source, "good", cwd=scratch)
            expect_status(run, 3, what)
            damage = [d["message"] for d in json.loads(run.stdout)["damage"]]
            expect([says in message for message in damage].count(True) >= 1, True, "%s: %s" % (what, damage))
            assert run.kib - sound.kib <= 256 * 1024, "%s: %d KiB more than %d" % (what, run.kib - sound.kib, sound.kib)
            assert run.cpu <= 2, "%s: %.1f s of CPU time" % (what, run.cpu)
            expect(json.loads(run.stdout)["history"]["folded"] >= 2, True, what + ": what is good is folded")
            os.remove(source if is_archive else os.path.join(folder, HOUR, name))
            cases(5, 1)


def raised():
    """(what, limit, value below, value above, records): damage with the one, none with the other."""
    yield "object", "4K", "1M", GOOD * 100
    yield "record", "1K", "4K", lines_of([event(x="y" * 2000)])
    yield "record", None, "60M", raw_event(b"[" + b"1," * (20 * MIB) + b"1]")
    yield "string", "64K", "128K", lines_of([event(x="y" * 70000)])
    yield "string", None, "12M", lines_of([event(x="y" * 9 * MIB)])
    yield "depth", "8", "9", raw_event(b"[" * 8 + b"]" * 8)
    yield "depth", None, "2000", raw_event(b"[" * 1900 + b"]" * 1900)
    yield "keys", "16", "17", lines_of([event(**{"k%d" % n: 0 for n in range(17)}), event("pad", z="x" * 100)])
    yield "keys", None, "70000", lines_of([event(**{"k%d" % n: 0 for n in range(70000)})])
    yield "id", "9", "10", lines_of([event("i" * 10)])
    yield "id", None, "32K", lines_of([event("i" * 32000)])


@slow
@fault(5)
def test_every_limit_can_be_set_three_ways():
    for number, (name, below, above, data) in enumerate(raised()):
        with Scratch() as scratch:
            write_bytes(os.path.join(scratch, "e", HOUR, "x.json"), data)
            arguments = ["--no-compare", "-r", "json", "-a", CASE, "e"]

            def check(value, status, what):
                limit = name + "=" + value if value else None
                results = [refold("run", *(["--limit", limit] if limit else []), *arguments, cwd=scratch),
                           refold("run", *arguments, cwd=scratch, env={"REFOLD_LIMIT": limit} if limit else {})]
                write_bytes(os.path.join(scratch, "refold.json"), json.dumps({"limits": {name: value} if value else {}}).encode())
                results.append(refold("run", *arguments, cwd=scratch))
                os.remove(os.path.join(scratch, "refold.json"))
                for result in results:
                    expect_status(result, status, "%s %s %s" % (name, value, what))
                    messages = [d["message"] for d in result.report["damage"]]
                    expect(not status or any("--limit %s=" % name in m for m in messages), True, messages)

            check(below, 3, "below")
            check(above, 0, "above")
            cases(5, 6)
            if len(data) > MIB and not all_cases():
                continue
            # What a raised limit lets in comes through a golden and a pack.
            limit = ["--limit", name + "=" + above]
            expect_status(refold("bless", "-q", *limit, "-a", CASE, "-g", "g", "e", cwd=scratch), 0, "bless")
            expect_status(refold("run", *limit, "-a", CASE, "-g", "g", "e", cwd=scratch), 0, "run")
            expect_status(refold("pack", "-q", *limit, "-o", "p.pack", "e", cwd=scratch), 0, "pack")
            expect_status(refold("run", *limit, "-a", CASE, "-g", "g", "p.pack", cwd=scratch), 0, "run of the pack")
            for verb in (["show", "a"], ["types"]):
                expect(refold(*verb, *limit, "-a", CASE, "e", cwd=scratch).status in (0, 2), True, verb[0])
            cases(5, 4)


def test_a_list_is_as_long_as_asked():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "e", HOUR, "x.json"), lines_of([event("i%d" % n) for n in range(30)]) +
                    b'{"broken":1}\n' * 30)
        result = refold("run", "-r", "json", "--limit", "listed=7", "--no-compare", "-a", CASE, "e", cwd=scratch)
        expect_status(result, 3, "listed")
        expect((len(result.report["damage"]), result.report["damage_total"]), (7, 30), "damage")


def test_a_limit_that_is_none_is_refused():
    for value, says in (("recrod=1M", "did you mean 'record'"), ("record", "not NAME=VALUE"), ("record=", "no size from 1K"),
                        ("record=1G", "no size from 1K to 64M"), ("depth=1K", "no number from 8 to 2000"),
                        ("depth=-1", "no number"), ("x=1", "no limit 'x'"), ("depth=9,record=0", "record: '0'")):
        with Scratch() as scratch:
            result = refold("run", "--no-compare", "-a", CASE, "--limit", value, scratch)
            expect_status(result, 2, value)
            assert says in result.stderr, result.stderr
