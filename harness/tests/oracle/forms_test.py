# SPDX-License-Identifier: MIT
"""Every form of objects, as other programs made it (fixtures/forms): the same events as its plain twin; and damaged,
the same verdict as another decoder's."""

import io
import os
import random
import shutil
import struct
import subprocess
import tarfile
import zipfile

from support import (
    aggregate, all_cases, cases, expect, expect_status, facts_of_files, fault, FIXTURES, parallel, part_of, read_bytes,
    refold, run_json, sampled, Scratch, slow, write_bytes)

ORDER = aggregate("order")
FORMS = os.path.join(FIXTURES, "forms")
HOUR = "2017/06/22/10/"
ERRORS = "processing-failed/2017/06/22/10/"
NOT_OBJECTS = ("README.md", "make.py", "Pack.java")
FLIPS = 200 if all_cases() else 20


def fixtures():
    return sorted(name for name in os.listdir(FORMS) if name not in NOT_OBJECTS)


def packed_names():
    """Those that another program unpacks as a whole."""
    return [name for name in fixtures() if name.split("-")[0].split(".")[0] in ("zip", "xerial", "hadoop", "framing", "zstd", "gzip")]


def golden_of(folder, *arguments):
    golden = os.path.join(folder, "golden")
    result = refold("bless", "-q", "-r", "json", "-a", ORDER, "-g", golden, *arguments)
    expect_status(result, 0, "bless of %s" % (arguments,))
    files = {name: data for name, (data, _) in facts_of_files(golden).items()}
    shutil.rmtree(golden)
    return files, result.report["history"]


# ---- the same events -------------------------------------------------------------------------------


@sampled
def test_every_form_gives_the_events_of_its_plain_twin():
    """Read as an object of a folder, and as a source of its own (a zip is an archive then); whatever its name is."""
    with Scratch() as scratch:
        wanted, _ = golden_of(scratch, os.path.join(FORMS, "plain.json"))
        names = fixtures()
        assert len(names) > 30, names
        for name in part_of(names, 3):
            folder = os.path.join(scratch, name)
            errors = name == "errors.json"
            write_bytes(os.path.join(folder, ERRORS if errors else HOUR, name), read_bytes(os.path.join(FORMS, name)))
            files, history = golden_of(folder, folder, *(["--errors"] if errors else []))
            expect(files, wanted, name)
            expect((history["events"], history["read"], history["foreign"]), (60, 1, 0), name)
            if not errors:
                result = run_json("--no-compare", "-a", ORDER, os.path.join(FORMS, name))
                expect_status(result, 0, name)
                expect(result.report["history"]["folded"], 60, name)


def test_cloudwatch_is_counted_as_an_envelope_and_its_control_messages_as_empty():
    for name in ("cloudwatch", "cloudwatch-plain.json", "cloudwatch-twice.gz", "cloudwatch-in-xerial.snappy"):
        result = run_json("--no-compare", "-a", ORDER, os.path.join(FORMS, name))
        expect_status(result, 0, name)
        history = result.report["history"]
        expect((history["envelopes"], history["empty"], history["records"], history["expanded"]),
               ({"cloudwatch": 60}, 1, 10, 51), name)


def test_error_prefixes_are_left_out_and_counted_unless_asked_for():
    with Scratch() as scratch:
        plain, errors = (read_bytes(os.path.join(FORMS, name)) for name in ("plain.json", "errors.json"))
        lines = plain.splitlines(True)
        write_bytes(os.path.join(scratch, "h", HOUR, "main.json"), b"".join(lines[:30]))
        write_bytes(os.path.join(scratch, "h", ERRORS, "failed"), errors)
        history = os.path.join(scratch, "h")
        without = run_json("--no-compare", "-a", ORDER, history)
        expect_status(without, 3, "without --errors")
        expect((without.report["history"]["events"], without.report["history"]["foreign"]), (30, 1), "without --errors")
        expect(without.report["damage"][0]["kind"], "errors", "kind")
        # What was tried again, and came through, is there twice.
        with_errors = run_json("--no-compare", "--errors", "-a", ORDER, history)
        expect_status(with_errors, 0, "--errors")
        found = with_errors.report["history"]
        expect((found["folded"], found["duplicates"], found["foreign"]), (60, 30, 0), "--errors")
        # A pack is of one or the other.
        pack = os.path.join(scratch, "p.pack")
        expect_status(refold("pack", "-q", "--errors", history, "-o", pack), 0, "pack")
        expect_status(refold("run", "-q", "--no-compare", "-a", ORDER, pack), 2, "another rule")
        packed = run_json("--no-compare", "--errors", "-a", ORDER, pack)
        expect_status(packed, 0, "pack")
        expect(packed.report["history"]["folded"], 60, "pack")


# ---- archives --------------------------------------------------------------------------------------


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for key, data in members.items():
            info = tarfile.TarInfo(key)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def test_a_tar_in_zstd_is_read_as_one_in_nothing():
    members = {HOUR + name: read_bytes(os.path.join(FORMS, name)) for name in ("zip-java.zip", "xerial.snappy", "zstd.zst")}
    with Scratch() as scratch:
        wanted, _ = golden_of(scratch, os.path.join(FORMS, "plain.json"))
        for name, data in {"a.tar": tar_of(members), "a.tar.zst": zstd(tar_of(members)), "a.tzst": zstd(tar_of(members), "--no-check"),
                           "wrong.tar": zstd(tar_of(members)), "wrong.tar.gz": zstd(tar_of(members))}.items():
            path = os.path.join(scratch, name)
            write_bytes(path, data)
            files, history = golden_of(scratch, path)
            expect(files, wanted, name)
            expect((history["objects"], history["duplicates"], history["folded"]), (3, 120, 60), name)


def test_a_damaged_tar_in_zstd_is_damage():
    data = zstd(tar_of({HOUR + "x.json": read_bytes(os.path.join(FORMS, "plain.json"))}))
    with Scratch() as scratch:
        def status(number, damaged):
            path = os.path.join(scratch, "%d.tar.zst" % number)
            write_bytes(path, damaged)
            return refold("run", "-q", "--no-compare", "-a", ORDER, path).status

        cuts = [data[:at] for at in range(1, len(data), len(data) // 25)] + [data[:-1], data + b"\0", data + b"x"]
        rng = random.Random(7)
        for _ in range(40):
            flipped = bytearray(data)
            bit = rng.randrange(len(data) * 8)
            flipped[bit // 8] ^= 1 << bit % 8
            cuts.append(bytes(flipped))

        def sound(damaged):
            done = subprocess.run(["zstd", "-q", "-d", "-c"], input=damaged, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  check=False)
            return done.returncode == 0 and done.stdout == whole

        whole = subprocess.run(["zstd", "-q", "-d", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
        wanted = [0 if sound(damaged) else 3 for damaged in cuts]
        expect(parallel(lambda item: status(*item), list(enumerate(cuts))), wanted, "exit statuses")


# ---- damage ----------------------------------------------------------------------------------------


def snappy_raw(block):
    """A raw block, in Python alone."""
    length, shift, at = 0, 0, 0
    while True:
        byte = block[at]
        at += 1
        length |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            break
    out = bytearray()
    while at < len(block):
        tag = block[at]
        at += 1
        if tag & 3 == 0:
            count = (tag >> 2) + 1
            if count > 60:
                more = count - 60
                count = int.from_bytes(block[at:at + more], "little") + 1
                at += more
            if at + count > len(block):
                raise ValueError("a literal ends behind the block")
            out += block[at:at + count]
            at += count
            continue
        if tag & 3 == 1:
            count, distance = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | block[at]
            at += 1
        else:
            size = 2 if tag & 3 == 2 else 4
            count, distance = (tag >> 2) + 1, int.from_bytes(block[at:at + size], "little")
            at += size
        if distance == 0 or distance > len(out) or len(out) + count > length:
            raise ValueError("a copy from nowhere")
        for _ in range(count):
            out.append(out[-distance])
    if len(out) != length:
        raise ValueError("another length")
    return bytes(out)


def xerial(data):
    if data[:8] != b"\x82SNAPPY\0":
        raise ValueError("magic")
    out, at = b"", 0
    while at < len(data):
        if data[at:at + 4] == b"\x82SNA":
            if data[at:at + 8] != b"\x82SNAPPY\0" or data[at + 12:at + 16] != b"\0\0\0\1" or data[at + 8:at + 12] < b"\0\0\0\1":
                raise ValueError("header")
            at += 16
            continue
        count, = struct.unpack(">I", data[at:at + 4])
        if at + 4 + count > len(data):
            raise ValueError("cut")
        out += snappy_raw(data[at + 4:at + 4 + count])
        at += 4 + count
    return out


def hadoop(data):
    out, at = b"", 0
    while at < len(data):
        frame, = struct.unpack(">I", data[at:at + 4])
        at += 4
        if frame == 0 and at < len(data):
            raise ValueError("nothing")
        while frame > 0:
            count, = struct.unpack(">I", data[at:at + 4])
            if at + 4 + count > len(data):
                raise ValueError("cut")
            block = snappy_raw(data[at + 4:at + 4 + count])
            at += 4 + count
            frame -= len(block)
            out += block
        if frame < 0:
            raise ValueError("more than its frame")
    return out


def by_command(*command):
    def unpack(data):
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise ValueError(command[0])
        return done.stdout

    return unpack


def unzip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        if len(names) != 1:
            raise ValueError("entries")
        return archive.read(names[0])


def nobody(data):
    raise ValueError("no other decoder")


# What another decoder makes of it; of the framing format each chunk has a CRC, so nothing is the same once a bit is not.
OTHERS = {"zip": unzip, "xerial": xerial, "hadoop": hadoop, "framing": nobody, "zstd": by_command("zstd", "-q", "-d", "-c"),
          "gzip": by_command("gzip", "-q", "-d", "-c")}


def other_verdict(name, data):
    """What Python and the formats' own programs unpack; None where they refuse."""
    try:
        return OTHERS[name.split("-")[0].split(".")[0]](data)
    except Exception:  # pylint: disable=broad-except
        return None


def some(rng, places, count):
    return rng.sample(places, min(count, len(places)))


def check_damage(flips):
    """A flipped bit or a cut is 3; 0 only where another decoder unpacks the same bytes. Forms without a checksum may
    unpack to others: then it is anything but 0."""
    plain = read_bytes(os.path.join(FORMS, "plain.json"))
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", golden, os.path.join(FORMS, "plain.json")), 0, "bless")
        rng = random.Random(20170622)
        tries = []
        for name in packed_names():
            data = read_bytes(os.path.join(FORMS, name))
            expect(other_verdict(name, data), None if name.startswith("framing") else plain, name)
            bits = some(rng, range(len(data) * 8), flips) + some(rng, range(min(len(data), 40) * 8), flips // 2)
            for bit in bits:
                flipped = bytearray(data)
                flipped[bit // 8] ^= 1 << bit % 8
                tries.append((name, "bit %d" % bit, bytes(flipped)))
            for cut in some(rng, range(5, len(data)), flips // 4):
                tries.append((name, "cut at %d" % cut, data[:cut]))

        def judge(item):
            number, (name, what, data) = item
            folder = os.path.join(scratch, "%d" % number)
            write_bytes(os.path.join(folder, HOUR, "orders-1-2017-06-22-10-00-00-0f8fad5b-d9cb-469f-a165-70867728950e"), data)
            status = refold("run", "-q", "-j", "1", "-a", ORDER, "-g", golden, folder).status
            shutil.rmtree(folder)
            other = other_verdict(name, data)
            unchecked = name.split("-")[0].split(".")[0] in ("xerial", "hadoop") or "unchecked" in name
            if status == 3 or (status == 0 and other == plain):
                return None
            if status in (1, 2) and (unchecked or what.startswith("cut")):
                return None  # other bytes, or whole blocks that are gone: the verdict says so
            return (name, what, status)

        wrong = [w for w in parallel(judge, list(enumerate(tries))) if w is not None]
        for row, kind in ((1, "bit"), (2, "cut")):
            run = sum(what.startswith(kind) for _, what, _ in tries)
            cases(row, run, run - sum(what.startswith(kind) for _, what, _ in wrong))
        expect(wrong[:20], [], "%d of %d" % (len(wrong), len(tries)))


@fault(1, 2)
def test_no_damage_of_a_packed_object_is_missed():
    check_damage(4)


@slow
@fault(1, 2)
def test_no_damage_of_a_packed_object_is_missed_at_more_places():
    """As the test above."""
    check_damage(FLIPS)


def test_an_archive_in_a_folder_is_no_object():
    with Scratch() as scratch:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", b"{}")
            archive.writestr("b", b"{}")
        write_bytes(os.path.join(scratch, HOUR, "x.zip"), out.getvalue())
        result = run_json("--no-compare", "-a", ORDER, scratch)
        expect_status(result, 3, "two entries")
        assert "several entries" in result.report["damage"][0]["message"], result.report["damage"]


def test_a_library_that_is_not_installed_is_named_and_only_what_needs_it_is_refused():
    with Scratch() as scratch:
        for library, package, needs, does_not in (("libsnappy.so.1", "libsnappy1v5", ["xerial.snappy", "hadoop.snappy", "framing.sz"], "zstd.zst"),
                                                  ("libzstd.so.1", "libzstd1", ["zstd.zst"], "xerial.snappy")):
            folder = os.path.join(scratch, library)
            write_bytes(os.path.join(folder, library), b"")  # found first, and no library
            for name in needs:
                result = refold("run", "-q", "--no-compare", "-a", ORDER, os.path.join(FORMS, name), env={"LD_LIBRARY_PATH": folder})
                expect_status(result, 2, name)
                assert package in result.stderr, result.stderr
            for name in ("plain.json", "gzip.gz", does_not):
                result = refold("run", "-q", "--no-compare", "-a", ORDER, os.path.join(FORMS, name), env={"LD_LIBRARY_PATH": folder})
                expect_status(result, 0, name)
