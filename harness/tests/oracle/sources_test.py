# SPDX-License-Identifier: MIT
"""The same history from a folder, from archives and over HTTP; damaged archives and servers that fail. What Python's
tarfile, zipfile and zlib make is the oracle: refold reads the same, or says that it cannot."""

import gzip
import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import tarfile
import time
import zipfile

from scripted import \
    body_of, chunked, keys_of, part, PATIENT, redirect, reset, serve, Server, silence, small_history, small_order, stall, \
    status_of, whole, with_headers
from support import (
    aggregate, cases, check_sums, comparable, expect, expect_status, fault, FIXTURES, objects, parallel, part_of,
    patched, read_bytes, refold, run_json, sampled, Scratch, slow, write_bytes)

FILE = aggregate("file")
ORDER = aggregate("order")
FLIPS = 2000


# ---- making archives -------------------------------------------------------------------------------


def tar_of(members, mode="w", form=tarfile.GNU_FORMAT):
    """@members  key -> bytes, or a TarInfo with its bytes in a list"""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:
        for key, data in members.items() if isinstance(members, dict) else members:
            info = key
            if not isinstance(key, tarfile.TarInfo):
                info = tarfile.TarInfo(key)
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Unseekable(io.RawIOBase):
    """As a pipe: then zipfile writes lengths and CRC behind the data."""

    def __init__(self):
        super().__init__()
        self.bytes = b""

    def writable(self):
        return True

    def write(self, data):
        self.bytes += bytes(data)
        return len(data)


def zip_of(members, method=zipfile.ZIP_DEFLATED, out=None):
    out = io.BytesIO() if out is None else out
    with zipfile.ZipFile(out, "w", method) as archive:
        for key, data in members.items() if isinstance(members, dict) else members:
            archive.writestr(key, data)
    return out.getvalue() if isinstance(out, io.BytesIO) else out.bytes


def entry_of(key, **fields):
    info = tarfile.TarInfo(key)
    for name, value in fields.items():
        setattr(info, name, value)
    return info


# ---- the same report -------------------------------------------------------------------------------


@sampled
def test_archives_and_a_server_give_the_report_of_the_folder():
    folder = os.path.join(FIXTURES, "git-zlib-ng", "events")
    members = {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        expect_status(refold("bless", "-q", "-a", FILE, "-g", golden, folder), 0, "bless")
        # One state is another one, so that the report has a suspect, and names its object.
        lines = os.path.join(golden, "file.ndjson")
        line = read_bytes(lines).split(b"\n")[400]
        patched(lines, lines, line.decode(), line.decode().replace('"changes":', '"changes":7'))
        wanted = run_json("-a", FILE, "-g", golden, folder)
        expect_status(wanted, 1, "folder")
        expect(wanted.report["history"]["events"], 9750, "events")
        gnu, packed = tar_of(members), zip_of(dict(reversed(members.items())))
        archives = {
            "gnu.tar": gnu,
            "a-tar-by-its-bytes": gnu,
            "ustar.tar": tar_of(members, form=tarfile.USTAR_FORMAT),
            "a.tgz": gzip.compress(gnu, 1),
            "gzip-in-truth.tar": gzip.compress(gnu, 1),
            "deflated.zip": packed,
            "a-zip-by-its-bytes": packed,
            "piped.zip": zip_of(members, zipfile.ZIP_STORED, Unseekable()),
        }
        for name, data in archives.items():
            write_bytes(os.path.join(scratch, name), data)
        subprocess.run(["tar", "-C", folder, "-cf", os.path.join(scratch, "dot.tar"), "."], check=True)

        def compare(source, prefix, *more, all_jobs=(3,)):
            for jobs in all_jobs:
                result = run_json("-a", FILE, "-g", golden, "-j", jobs, *more, source)
                expect_status(result, 1, source)
                check_sums(result.report, source)
                expect(comparable(result.report, prefix), comparable(wanted.report, "\0"), source)

        for name in part_of([*archives, "dot.tar"], 2):
            path = os.path.join(scratch, name)
            compare(path, path + ":", all_jobs=(1, 3) if name in ("gnu.tar", "a.tgz", "deflated.zip") else (2,))
        with serve(members) as server:
            compare(server.base + "/p/", "\0", "--keys", keys_of(scratch, reversed(list(members))))
            expect(len(server.requests), len(members), "requests")
            # As many at a time as --connections has built in, and each is used again.
            assert server.connections <= 32, server.connections
            expect({"Accept-Encoding" in headers for _, headers in server.requests}, {False}, "as stored")


def test_hours_select_members_and_keys_as_they_select_files():
    members = small_history()
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        folder = os.path.join(scratch, "folder")
        for key, data in members.items():
            write_bytes(os.path.join(folder, key), data)
        tar, packed = os.path.join(scratch, "a.tar"), os.path.join(scratch, "a.zip")
        write_bytes(tar, tar_of(members))
        write_bytes(packed, zip_of(members))
        with serve(members) as server:
            expect_status(refold("bless", "-q", "-a", ORDER, "-g", golden, folder), 0, "bless")
            keys = ["--keys", keys_of(scratch, members)]
            for source, more in ((folder, []), (tar, []), (packed, []), (server.base + "/p", keys)):
                result = run_json("-a", ORDER, "-g", golden, "--until", "2017-03-02T01", *more, source)
                expect_status(result, 0, source)
                expect((result.report["history"]["folded"], result.report["history"]["objects"]), (12, 4), source)
            expect(sum(path.startswith("/p/2017/03/02/01") for path, _ in server.requests), 0, "not asked for")
            # Several sources are one history.
            result = run_json("-a", ORDER, "-g", golden, *keys, folder, tar, packed, server.base + "/p")
            expect_status(result, 0, "four times the same")
            expect((result.report["history"]["objects"], result.report["history"]["duplicates"]), (24, 54), "copies")


# ---- damaged archives ------------------------------------------------------------------------------


class Tries:
    """Runs over damaged copies of one archive: 0 only where the report is that of the whole one."""

    def __init__(self, scratch, name, data, *more):
        self.path, self.data, self.more = os.path.join(scratch, name), data, more
        self.folder, self.name = scratch, name
        self.golden = os.path.join(scratch, "golden-" + name)
        write_bytes(self.path, data)
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", self.golden, self.path), 0, "bless " + name)
        wanted = run_json("-a", ORDER, "-g", self.golden, *more, self.path)
        expect_status(wanted, 0, name)
        self.wanted = comparable(wanted.report, self.path + ":")

    def run(self, number, data):
        path = os.path.join(self.folder, "%s-%s" % (number, self.name))
        write_bytes(path, data)
        try:
            result = run_json("-a", ORDER, "-g", self.golden, *self.more, path)
        finally:
            os.remove(path)
        if result.status == 0:
            expect(comparable(result.report, path + ":"), self.wanted, "%s %s: 0" % (self.name, number))
        elif result.status != 3:
            expect_status(result, 3, "%s %s" % (self.name, number))
        return result.status

    def flips(self, bits):
        def flip(bit):
            data = bytearray(self.data)
            data[bit // 8] ^= 1 << (bit % 8)
            return self.run(bit, bytes(data))

        return parallel(flip, bits)

    def cuts(self, lengths):
        return parallel(lambda length: self.run("cut%d" % length, self.data[:length]), lengths)


def some_bits(data, count, seed):
    return random.Random(seed).sample(range(len(data) * 8), count)


@slow
@fault(1)
def test_no_flipped_bit_of_a_zip_is_missed():
    plain, packed = small_history(False), small_history()
    makes = [("deflated.zip", zip_of(plain)), ("stored.zip", zip_of(packed, zipfile.ZIP_STORED)),
             ("piped.zip", zip_of(plain, out=Unseekable()))]
    with Scratch() as scratch:
        seen, count = set(), 0
        for seed, (name, data) in enumerate(makes):
            seen |= set(Tries(scratch, name, data).flips(some_bits(data, FLIPS // 4, seed)))
            count += FLIPS // 4
        # Names that promise nothing: what a flipped bit makes of an object must not pass for a note beside the history.
        batches = {"h/%d" % n: b"[" + text.strip().replace(b"\n", b",") + b"]" for n, text in enumerate(plain.values())}
        odd = zip_of(batches, zipfile.ZIP_STORED)
        first = odd.index(b'[{"t"')
        seen |= set(Tries(scratch, "odd.zip", odd).flips(range(8 * first, 8 * (first + 30))))
        # A bit of a name may move an object to another hour.
        seen |= set(Tries(scratch, "until.zip", makes[0][1], "--until", "2017-03-02").flips(
            some_bits(makes[0][1], FLIPS // 4, 9)))
        expect(seen, {0, 3}, "exit statuses")  # 0: times, versions and the like
        cases(1, count + 8 * 30 + FLIPS // 4)


@slow
@fault(1)
def test_no_flipped_bit_of_a_tar_of_gzip_objects_is_missed():
    with Scratch() as scratch:
        data = tar_of(small_history())
        used = len(data.rstrip(b"\0"))
        Tries(scratch, "a.tar", data).flips(some_bits(data[:used], 500, 1))
        data = tar_of(small_history(False), "w:gz")
        statuses = Tries(scratch, "a.tar.gz", data).flips(some_bits(data, 500, 2))
        assert statuses.count(3) > 450, statuses
        cases(1, 1000)


@sampled
@fault(2)
def test_no_cut_archive_is_green():
    with Scratch() as scratch:
        for name, data in (("a.zip", zip_of(small_history(False))), ("a.tar.gz", tar_of(small_history(), "w:gz"))):
            lengths = part_of(range(0, len(data), 7), 5)
            expect(set(Tries(scratch, name, data).cuts(lengths)), {3}, name)
            cases(2, len(lengths))
        # Behind the end mark of a tar, two blocks, only padding is lost.
        data = tar_of(small_history())
        end = (len(data.rstrip(b"\0")) + 511) // 512 * 512 + 1024
        lengths = sorted({*part_of(range(0, end, 61), 7), *part_of(range(0, end, 512), 4), end - 1})
        tries = Tries(scratch, "a.tar", data)
        expect(set(tries.cuts(lengths)), {3}, "a.tar")
        expect(tries.cuts([end, end + 1, len(data)]), [0, 0, 0], "padding")
        cases(2, len(lengths) + 3)


def hostile_tars():
    """(what it is, archive, exit status, what the damage says)"""
    good = list(small_history().items())
    key, data = good[0]
    inner = tar_of(small_history())

    def with_entry(*entries):
        return tar_of([*good, *entries])

    def with_header(**fields):
        """A member of which only the header is there."""
        end = (len(tar_of(good).rstrip(b"\0")) + 511) // 512 * 512
        return tar_of(good)[:end] + entry_of("b.gz", **fields).tobuf(tarfile.GNU_FORMAT) + bytes(1024)

    yield "dots", with_entry(("../" + key, data)), 3, "leads out of the archive"
    yield "dots inside", with_entry(("a/../../x.gz", data)), 3, "leads out of the archive"
    yield "absolute", with_entry(("/etc/passwd.gz", data)), 3, "leads out of the archive"
    yield "twice", with_entry((key, data)), 3, "another member of the archive has the same path"
    yield "twice, by another spelling", with_entry(("./" + key.replace("/", "//", 1), data)), 3, "the same path"
    yield "symbolic link", with_entry((entry_of("l.gz", type=tarfile.SYMTYPE, linkname=key), b"")), 3, "a link to " + key
    yield "hard link", with_entry((entry_of("l", type=tarfile.LNKTYPE, linkname=key), b"")), 3, "a link to " + key
    yield "fifo", with_entry((entry_of("f.gz", type=tarfile.FIFOTYPE), b"")), 0, None
    yield "device", with_entry((entry_of("d.gz", type=tarfile.CHRTYPE, devmajor=1, devminor=5), b"")), 0, None
    yield "folder with bytes", with_entry((entry_of("d", type=tarfile.DIRTYPE, size=len(data)), data)), 3, None
    yield "archive inside", with_entry(("inner.tar", inner)), 3, "an archive in an archive"
    yield "zip inside", with_entry(("inner.ZIP", zip_of(small_history()))), 3, "several entries"
    yield "zip inside, by its bytes", with_entry(("inner", zip_of(small_history()))), 3, "several entries"
    yield "nameless", with_entry(("./", b"")), 0, None
    yield "long path", with_entry(("a/" * 3000 + "x.gz", data)), 3, "RF_LIMIT_KEY_BYTES"
    yield "many zeros said", with_header(size=10 << 30), 3, "--limit object"
    yield "size below zero", with_header(size=-5), 3, None
    yield "two archives", tar_of(good[:3]) + tar_of(good[3:]), 3, "stands behind the end"
    yield "garbage behind", tar_of(good) + b"x", 3, "stands behind the end"
    yield "no end mark", tar_of(good).rstrip(b"\0"), 3, None
    whole_blocks = tar_of(good)[:(len(tar_of(good).rstrip(b"\0")) + 511) // 512 * 512]
    yield "no end mark, whole blocks", whole_blocks, 3, "no end mark"
    yield "one block of the end mark", whole_blocks + bytes(512), 3, "no end mark"
    yield "much padding", tar_of(good) + bytes(17 << 20), 3, "RF_LIMIT_TAR_PADDING_BYTES"
    yield "empty", b"", 3, None
    yield "JSON under a tar's name", small_order(b"o0", 3) * 9, 3, None


@fault(24)
def test_hostile_tars_are_damage():
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        whole_path = os.path.join(scratch, "whole.tar")
        write_bytes(whole_path, tar_of(small_history()))
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", golden, whole_path), 0, "bless")
        for number, (what, data, status, says) in enumerate(hostile_tars()):
            path = os.path.join(scratch, "%d.tar" % number)
            write_bytes(path, data)
            result = run_json("-a", ORDER, "-g", golden, path)
            expect_status(result, status, what)
            check_sums(result.report, what)
            damage = [d["object"] + ": " + d["message"] for d in result.report["damage"]]
            expect(bool(damage), status == 3, what)
            expect(any((says or "") in d for d in damage) or says is None, True, "%s: %s" % (what, damage))
            # Whatever else is in it, what is whole counts.
            if what.startswith(("dots", "absolute", "twice", "symb", "hard", "fifo", "device", "arch", "zip", "long")):
                expect(result.report["history"]["folded"], 18, what)
            cases(24, 1)


def sparse_tar(scratch):
    """By GNU tar: Python only reads them."""
    path = os.path.join(scratch, "sparse")
    with open(path, "wb") as f:
        f.truncate(1 << 20)
        f.seek(1 << 20)
        f.write(gzip.compress(b"{}"))
    archive = os.path.join(scratch, "sparse.tar")
    subprocess.run(["tar", "-C", scratch, "--sparse", "-cf", archive, "sparse"], check=True)
    return archive


def test_other_archives_that_are_no_history():
    members = small_history()
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        whole_path = os.path.join(scratch, "whole.zip")
        write_bytes(whole_path, zip_of(members))
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", golden, whole_path), 0, "bless")

        def expect_damage(what, path, says, status=3):
            result = run_json("-a", ORDER, "-g", golden, path)
            expect_status(result, status, what)
            damage = [d["object"] + ": " + d["message"] for d in result.report["damage"]]
            expect([says in d for d in damage].count(True) >= 1, True, "%s: %s" % (what, damage))

        expect_damage("sparse", sparse_tar(scratch), "a sparse file")
        locked = bytearray(zip_of(members))
        for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            locked[locked.index(magic) + offset] |= 1
        path = os.path.join(scratch, "locked.zip")
        write_bytes(path, bytes(locked))
        expect_damage("encrypted", path, "it is encrypted")
        # 64 MiB of blanks: a thousand to one.
        path = os.path.join(scratch, "bomb.zip")
        write_bytes(path, zip_of({**members, "2017/03/02/02/bomb.json": b" " * (64 << 20)}))
        expect_damage("zip bomb", path, "--limit ratio")
        path = os.path.join(scratch, "bomb.tar.gz")
        write_bytes(path, tar_of({**members, "2017/03/02/02/bomb.json": b" " * (64 << 20)}, "w:gz"))
        expect_damage("tar bomb", path, "--limit ratio")
        # Two entries share their data, one of them is passed over by libarchive.
        data = bytearray(zip_of(members))
        first = data.index(b"PK\1\2")
        second = data.index(b"PK\1\2", first + 4)
        data[second + 42:second + 46] = data[first + 42:first + 46]
        path = os.path.join(scratch, "shared.zip")
        write_bytes(path, bytes(data))
        expect_damage("shared data", path, "another name")
        # One bit of a comment's length is as long as an entry: libarchive passes over the next one in silence.
        data = bytearray(zip_of(members))
        expect(data.index(b"PK\1\2", first + 4) - first, 128, "bytes of an entry with a key of Firehose's")
        data[first + 32] ^= 128
        path = os.path.join(scratch, "skipped.zip")
        write_bytes(path, bytes(data))
        expect_damage("an entry passed over", path, "directory is damaged")
        # A zip in a zip behind it: the last end record counts.
        path = os.path.join(scratch, "behind.zip")
        write_bytes(path, zip_of(members) + b"garbage")
        expect_damage("garbage behind", path, "something stands behind it")
        path = os.path.join(scratch, "front.zip")
        write_bytes(path, b"garbage" + zip_of(members))
        expect_damage("garbage in front", path, "directory is damaged")
        path = os.path.join(scratch, "pair.zip")
        write_bytes(path, zip_of(members) + zip_of(members))
        expect_damage("two zips", path, "directory is damaged")
        # Nothing at all in it.
        path = os.path.join(scratch, "none.zip")
        write_bytes(path, zip_of({}))
        expect_status(run_json("-a", ORDER, "-g", golden, path), 2, "an empty zip")


def without_entries(data, lost):
    """The zip without the entries of these numbers in its directory; the members stay."""
    end = data.rfind(b"PK\5\6")
    size, at = struct.unpack("<II", data[end + 12:end + 20])
    stop, entries = at + size, []
    begin = at
    while at < stop:
        length = 46 + sum(struct.unpack("<HHH", data[at + 28:at + 34]))
        entries.append(data[at:at + length])
        at += length
    kept = b"".join(e for n, e in enumerate(entries) if n not in lost)
    count = len(entries) - len(lost)
    return data[:begin] + kept + data[end:end + 8] + struct.pack("<HHII", count, count, len(kept), begin) + \
        data[end + 20:]


def zips_of_other_writers(scratch, members):
    """(name, zip): as those make it that are installed, in each way in which they put other things between members."""
    folder = os.path.join(scratch, "members")
    for key, data in members.items():
        write_bytes(os.path.join(folder, key), data)
    keys = sorted(members)
    yield "seekable", zip_of(members)
    yield "stored", zip_of(members, zipfile.ZIP_STORED)
    yield "piped", zip_of(members, out=Unseekable())
    yield "piped, stored", zip_of(members, zipfile.ZIP_STORED, Unseekable())
    for name, out in (("64 bits", io.BytesIO()), ("64 bits, piped", Unseekable())):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for key in keys:
                with archive.open(key, "w", force_zip64=True) as f:
                    f.write(members[key])
        yield name, out.getvalue() if isinstance(out, io.BytesIO) else out.bytes
    appended = os.path.join(scratch, "appended.zip")
    for key in keys:
        with zipfile.ZipFile(appended, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(key, members[key])
    yield "appended to", read_bytes(appended)
    if shutil.which("zip"):
        def by_zip(name, *arguments):
            subprocess.run(["zip", "-q", *arguments], cwd=folder, check=True)
            return read_bytes(os.path.join(scratch, name))

        yield "zip", by_zip("z.zip", "-r", "../z.zip", ".")
        yield "zip -fd", by_zip("fd.zip", "-r", "-fd", "../fd.zip", ".")
        yield "zip -fz -D", by_zip("fz.zip", "-r", "-fz", "-D", "../fz.zip", ".")
        by_zip("grown.zip", "../grown.zip", keys[0])
        yield "zip -g", by_zip("grown.zip", "-g", "../grown.zip", *keys[1:])
        write_bytes(os.path.join(folder, "more"), b"x" * 99)
        by_zip("less.zip", "-r", "../less.zip", ".")
        yield "zip -d", by_zip("less.zip", "-d", "../less.zip", "more")
        os.remove(os.path.join(folder, "more"))
        streamed = subprocess.run(["zip", "-q", "-r", "-", "."], cwd=folder, check=True, stdout=subprocess.PIPE).stdout
        yield "zip to a pipe", streamed
        write_bytes(os.path.join(scratch, "adjusted.zip"), b"#!/bin/sh\nexit 0\n" + streamed)
        yield "a program in front", by_zip("adjusted.zip", "-A", "../adjusted.zip")
    if shutil.which("jar"):
        subprocess.run(["jar", "cMf", "../j.zip", "."], cwd=folder, check=True)
        yield "jar", read_bytes(os.path.join(scratch, "j.zip"))


def test_a_zip_is_whole_by_any_writer_and_damaged_where_its_directory_lacks_a_member():
    members = small_history()
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        path = os.path.join(scratch, "whole.zip")
        write_bytes(path, zip_of(members))
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", golden, path), 0, "bless")

        def judge(what, data, status):
            write_bytes(path, data)
            result = run_json("-a", ORDER, "-g", golden, path)
            expect_status(result, status, what)
            expect(any("lacks a member" in d["message"] for d in result.report["damage"]), status == 3, what)

        for what, data in zips_of_other_writers(scratch, members):
            judge(what, data, 0)
        for what, data in (("seekable", zip_of(members)), ("piped", zip_of(members, out=Unseekable())),
                           ("stored", zip_of(members, zipfile.ZIP_STORED))):
            for lost in ({0}, {len(members) // 2}, {len(members) - 1}):
                judge("%s without %s" % (what, lost), without_entries(data, lost), 3)


@slow
def test_large_zips_have_numbers_of_64_bits():
    members = small_history()
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        path = os.path.join(scratch, "wide.zip")
        with zipfile.ZipFile(path, "w") as archive:
            for key, data in members.items():
                with archive.open(key, "w", force_zip64=True) as f:
                    f.write(data)
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", golden, path), 0, "zip64 members")
        # More than 65,535 entries need a record of the end of their own.
        more = {**members, **{"n/%06d" % n: b"" for n in range(66000)}}
        write_bytes(path, zip_of(more, zipfile.ZIP_STORED))
        result = run_json("-a", ORDER, "-g", golden, path)
        expect_status(result, 0, "66,006 entries")
        expect((result.report["history"]["objects"], result.report["history"]["folded"]), (66006, 18), "objects")


def test_names_in_any_language_come_through():
    text = small_order(b"o1", 3)
    names = ["caf\u00e9/\u6d4b\u8bd5.json", "plain.json"]
    with Scratch() as scratch:
        for name, data in (("a.tar", tar_of({n: text for n in names}, form=tarfile.PAX_FORMAT)),
                           ("b.tar", tar_of({n: text for n in names})), ("c.zip", zip_of({n: text for n in names})),
                           ("d.tar", tar_of({"a\udcff.json": text}))):
            path = os.path.join(scratch, name)
            write_bytes(path, data)
            result = run_json("--no-compare", "-a", ORDER, path, env={"LC_ALL": "C"})
            expect_status(result, 0, name)
            expect(result.report["history"]["folded"], 3, name)
            # A plain object in a tar: nothing vouches for it.
            expect(any("not verifiable" in w for w in result.report["warnings"]), name.endswith(".tar"), name)


# ---- servers that fail -----------------------------------------------------------------------------


class Fetch:
    """A history of six objects of which one is served with faults."""

    def __init__(self, scratch):
        self.members = small_history()
        self.victim = sorted(self.members)[2]
        self.tries = 0
        self.golden = os.path.join(scratch, "golden")
        self.keys = keys_of(scratch, self.members)
        with serve(self.members) as server:
            expect_status(self.run(server, "bless", "-q"), 0, "bless")

    def run(self, server, verb="run", *more, **env):
        return refold(verb, *more, "-a", ORDER, "-g", self.golden, "--keys", self.keys, server.base + "/p/",
                      env={**PATIENT, **env})

    def expect(self, what, faults, status, says="", requests=None, **env):
        self.tries += 1
        with serve(self.members, faults={"/p/" + self.victim: faults}) as server:
            result = self.run(server, "run", "--report", "json", **env)
            expect_status(result, status, what)
            if status == 0:
                expect(result.report["history"]["folded"], 18, what)
            else:
                expect(result.report["incomplete"], True, what)
                expect(self.victim in result.stderr and says in result.stderr, True, what + ": " + result.stderr)
            if requests is not None:
                expect(server.count("/p/" + self.victim), requests, what + ": requests")
        return result


@fault(20)
def test_a_download_is_the_object_or_exit_4():
    with Scratch() as scratch:
        fetch = Fetch(scratch)
        size = len(fetch.members[fetch.victim])
        fetch.expect("chunks", [chunked()], 0)
        fetch.expect("Content-Encoding", [with_headers(Content_Encoding="gzip")], 0)
        fetch.expect("no length", [part(size, "none")], 4, "neither its length", 1)
        fetch.expect("no length, cut", [part(size // 2, "none")], 4, "neither its length", 1)
        fetch.expect("cut", [part(size // 2)], 4, "cannot be fetched")
        fetch.expect("cut behind a whole try", [part(size // 2, ETag='"1"'), with_headers(ETag='"1"')], 0)
        fetch.expect("chunks without an end", [chunked(end=False)], 4)
        fetch.expect("shorter than it says", [part(size, size + 10)], 4)
        # What stands behind the length is none of the body; the object is cut, and its CRC tells (3). Where the
        # rest comes late it is taken for the connection's next answer, which is none (4).
        with serve(fetch.members, faults={"/p/" + fetch.victim: [part(size, size - 10)]}) as server:
            status = fetch.run(server).status
            assert status in (3, 4), "longer than it says: exit status %d" % status
        fetch.expect("204", [status_of(204)], 4, "HTTP status 204", 1)
        fetch.expect("206", [status_of(206)], 4, "HTTP status 206", 1)
        # A page under the object's name, with status 200: its bytes are no history.
        with serve(fetch.members, faults={"/p/" + fetch.victim: [status_of(200)]}) as server:
            result = fetch.run(server)
            expect_status(result, 4, "an error page with status 200")
            expect("with a page (HTML or XML) in the object's place" in result.stderr, True, result.stderr)
        cases(20, fetch.tries + 2)


@slow
@fault(19, 20)
def test_what_is_worth_another_try_gets_one():
    with Scratch() as scratch:
        fetch = Fetch(scratch)
        for status in (408, 429, 500, 502, 503, 504):
            fetch.expect("%d once" % status, [status_of(status), whole], 0, requests=2)
        fetch.expect("503 thrice", [status_of(503), status_of(503), status_of(503), whole], 0, requests=4)
        for more in (status_of(503), status_of(429), status_of(503, Retry_After="0")):
            with serve(fetch.members, faults={"/p/" + fetch.victim: [more]}) as server:
                result = fetch.run(server)
                expect_status(result, 4, "overload for ever")
                expect(re.search(r"HTTP status (503|429) \(\d+ tries\): the server is overloaded", result.stderr)
                       is not None, True, result.stderr)
                # Never more than two tries on average that were not the first.
                assert len(server.requests) <= 3 * len(fetch.members), len(server.requests)
            fetch.tries += 1
        fetch.expect("500 for ever", [status_of(500)], 4, "HTTP status 500 (5 tries)", 5)
        for status in (400, 401, 403, 404, 410, 501):
            fetch.expect(str(status), [status_of(status)], 4, "HTTP status %d: " % status, 1)
        started = time.monotonic()
        fetch.expect("Retry-After", [status_of(429, Retry_After="1"), whole], 0, requests=2)
        assert time.monotonic() - started >= 1
        fetch.expect("Retry-After of an hour", [status_of(429, Retry_After="3600")], 4, "HTTP status 429", 1)
        cases(19, fetch.tries)
        fetch.tries = 0
        fetch.expect("reset", [reset, whole], 0, requests=2)
        fetch.expect("reset for ever", [reset], 4, "(5 tries)")
        fetch.expect("stall", [stall, with_headers(ETag='"1"')], 0, requests=2)
        fetch.expect("stall in front of the head", [silence, whole], 0, requests=2)
        cases(20, fetch.tries)


@fault(21)
def test_an_object_that_changes_between_two_tries_is_none():
    with Scratch() as scratch:
        fetch = Fetch(scratch)
        # Large enough that its first part is decoded before the connection breaks.
        big = b"".join(small_order(b"big-%d-%d" % (n, n * 7919**4), 2) for n in range(20000))
        plain = fetch.victim[:-3]
        fetch.members = {plain: big}
        fetch.victim = plain
        fetch.keys = keys_of(scratch, fetch.members)
        half = len(big) // 2
        with serve(fetch.members) as server:
            expect_status(fetch.run(server, "bless", "-q"), 0, "bless")
        tag = [part(half, ETag='"1"')]

        def again(*faults, status=4, says="it is another object"):
            with serve(fetch.members, faults={"/p/" + plain: list(faults)}) as server:
                result = fetch.run(server)
                expect_status(result, status, repr(faults))
                expect(status == 0 or says in result.stderr, True, result.stderr)

        again(*tag, with_headers(ETag='"1"'), status=0)
        again(*tag, part(half + 1000, ETag='"1"'), part(half - 1000, ETag='"1"'), with_headers(ETag='"1"'),
              status=0)
        again(*tag, with_headers(ETag='"2"'))
        again(*tag, whole)
        again(*tag, body_of(lambda d: d + b" ", ETag='"1"'))
        # What was read of it cannot be gone on with.
        again(part(half, pause=0.3), whole, says="without a strong ETag")
        again(part(half, pause=0.3, ETag='W/"1"'), with_headers(ETag='W/"1"'), says="without a strong ETag")
        day = "Wed, 01 Mar 2017 00:00:00 GMT"
        again(part(half, Last_Modified=day), with_headers(Last_Modified=day), status=0)
        again(part(half, Last_Modified=day), with_headers(Last_Modified=day.replace("2017", "2018")))
        cases(21, 9)


@fault(20)
def test_redirects_stay_on_the_server():
    with Scratch() as scratch:
        fetch = Fetch(scratch)
        target = "/elsewhere/x"

        with serve(fetch.members, faults={"/p/" + fetch.victim: [redirect(target)]}) as server:
            server.members[target] = fetch.members[fetch.victim]
            expect_status(fetch.run(server), 0, "the same server")
        with serve(fetch.members) as other:
            secret = other.base.replace("//", "//user:word@") + "/p/" + fetch.victim + "?Signature=word"
            result = fetch.expect("another port", [redirect(secret)], 4, "redirects to another server", 1)
            expect("word" in result.stderr, False, result.stderr)
            expect(other.requests, [], "not asked")
        fetch.expect("another scheme", [redirect("https://127.0.0.1/x")], 4, "redirects to another server")
        fetch.expect("a file", [redirect("file:///etc/passwd")], 4, "redirect")
        fetch.expect("nowhere", [status_of(302)], 4, "a redirect to nowhere")
        fetch.expect("itself", [redirect("/p/" + fetch.victim)], 4, "more than 5 redirects", 6)
        cases(20, 1 + fetch.tries)


def test_keys_are_encoded_and_stay_below_the_base():
    text = small_order(b"o1", 2)
    odd = "a b/%41+?#&=;:@~'\"<>|\u00e9\u6d4b.json"
    encoded = "/p/a%20b/%2541%2b%3f%23%26%3d%3b%3a%40~%27%22%3c%3e%7c%c3%a9%e6%b5%8b.json"
    with Scratch() as scratch:
        keys = os.path.join(scratch, "keys")
        with Server({encoded + "?Policy=a~b": text}) as server:
            write_bytes(keys, odd.encode() + b"\r\n\r\n")
            result = run_json("--no-compare", "-a", ORDER, "--keys", keys, server.base + "/p?Policy=a~b", env=PATIENT)
            expect_status(result, 0, repr(server.requests))
            expect("Policy" in result.stderr + result.stdout.decode(), False, "the query is no one's business")
        wrong = [b"../x", b"a/../x", b"a/./x", b"/x", b"a\tb", b"a\x7f", b"a\xff", b"http://h/x", b"a/", b"x" * 4097,
                 b"x\nx"]
        for line in wrong:
            write_bytes(keys, b"a\n" + line + b"\n")
            with Server({}) as server:
                result = refold("run", "--no-compare", "-a", ORDER, "--keys", keys, server.base + "/p/")
                expect_status(result, 2, repr(line))
                expect(server.requests, [], repr(line))
        # The control characters of a line are no one's terminal.
        expect("\t" in result.stderr, False, result.stderr)


@fault(23)
def test_secrets_of_an_address_are_shown_nowhere():
    members = small_history()
    with Scratch() as scratch:
        keys = keys_of(scratch, members)
        report = os.path.join(scratch, "r.json")
        for victim in (None, sorted(members)[1]):
            faults = {"/p/" + victim + "?Signature=canary": [status_of(403)]} if victim else {}
            with Server({"/p/" + k + "?Signature=canary": v for k, v in members.items()}, faults) as server:
                base = server.base.replace("//", "//user:canary@") + "/p/?Signature=canary"
                folder = os.path.join(scratch, "other")
                os.makedirs(folder, exist_ok=True)
                result = refold("bless", "-v", "-r", "text", "-r", "json=" + report, "-a", ORDER, "-g",
                                os.path.join(scratch, "golden"), "--keys", keys, base, folder, env=PATIENT)
                expect_status(result, 4 if victim else 0, "bless")
                expect(all("Authorization" in headers for _, headers in server.requests), True, "sent")
                said = result.stdout + result.stderr_bytes + read_bytes(report)
                for path in objects(os.path.join(scratch, "golden")):
                    said += read_bytes(path)
                expect(b"canary" in said, False, said.decode())
        # A proposed command has them neither.
        shutil.rmtree(os.path.join(scratch, "golden"))
        with Server({}) as server:
            base = server.base.replace("//", "//user:canary@") + "/p/?Signature=canary"
            result = refold("run", "-a", ORDER, "-g", os.path.join(scratch, "golden"), "--keys", keys, base)
            expect_status(result, 2, "no golden")
            expect("canary" in result.stderr, False, result.stderr)
            expect("refold bless" in result.stderr, True, result.stderr)
        cases(23, 3)
