# SPDX-License-Identifier: MIT
"""Single flipped bits and cut files in packed objects: never a false green, and never anything but 3."""

import gzip
import os
import queue
import random
import shutil
import subprocess
import sys
import zlib

from support import (
    aggregate, all_cases, cases, expect, expect_status, fault, in_full, inflate, objects, parallel, part_of, read_bytes,
    refold, ROOT, run_json, sampled, Scratch, slow, total, write_bytes)

FLIPS = 100000 if all_cases() else 2000
ORDER = aggregate("order")


def stored(data):
    """gzip with stored blocks only."""
    z = zlib.compressobj(0, zlib.DEFLATED, 31)
    return z.compress(data) + z.flush()


def small_order(identity, versions):
    """One object's worth of one order."""
    out = b'{"t":"OrderCreated","d":{"ID":"%s","Version":1,"At":"2017-03-02T00:00:00Z"}}\n' % identity
    for version in range(2, versions + 1):
        out += b'{"t":"OrderItemAdded","d":{"ID":"%s","Version":%d,"At":"2017-03-02T00:00:%02dZ","Qty":%d,' \
               b'"PriceCents":7}}\n' % (identity, version, version, version)
    return out


def make_history(folder):
    """Generated orders, an object in two members, one with stored blocks, and small ones to be cut at every byte."""
    subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), folder, "--events", "1500",
                    "--objects", "8", "--late", "0", "--duplicates", "0", "--jobs", "1"],
                   check=True, stdout=subprocess.DEVNULL)
    events = os.path.join(folder, "events")
    found = objects(events)
    expect(len(found), 8, "objects")
    data = gzip.decompress(read_bytes(found[0]))
    half = len(data) // 2  # within a record: members need not end where records do
    write_bytes(found[0], gzip.compress(data[:half]) + gzip.compress(data[half:]))
    write_bytes(found[1], stored(gzip.decompress(read_bytes(found[1]))))
    hour = os.path.join(events, "2017/03/02/00")
    one, two = small_order(b"small-two", 6), small_order(b"small-stored", 3)
    small = {
        "small-one.gz": gzip.compress(small_order(b"small-one", 4), mtime=0),
        "small-two.gz": gzip.compress(one[:230], mtime=0) + gzip.compress(one[230:], mtime=0),
        "small-stored.gz": stored(two),
    }
    for name, packed in small.items():
        write_bytes(os.path.join(hour, name), packed)
    golden = os.path.join(folder, "golden")
    expect_status(refold("bless", "-a", ORDER, "-g", golden, events), 0, "bless")
    result = run_json("-a", ORDER, "-g", golden, events)
    expect_status(result, 0, "undamaged")
    expect(result.report["history"]["folded"], 1500 + 13, "folded")
    expect(total(result.report, "same"), total(result.report, "instances"), "same")
    return events, golden, [os.path.join(hour, name) for name in small]


class Copies:
    """A copy of the history for each thread; one object of it is damaged, tried, and whole again."""

    def __init__(self, scratch, events, golden):
        self.events = events
        self.golden = golden
        self.free = queue.Queue()
        for number in range(os.cpu_count()):
            copy = os.path.join(scratch, "copy-%d" % number)
            shutil.copytree(events, copy)
            self.free.put(copy)

    def status(self, path, data):
        """Exit status of a run in which the object holds this data."""
        copy = self.free.get()
        victim = os.path.join(copy, os.path.relpath(path, self.events))
        try:
            write_bytes(victim, data)
            return refold("run", "-q", "-j", "1", "-a", ORDER, "-g", self.golden, copy).status
        finally:
            shutil.copyfile(path, victim)
            self.free.put(copy)


def places(rng, path):
    """Bits to flip in one object: all over it, and more in headers and trailers."""
    size = os.path.getsize(path)
    every = FLIPS // 11 // 2
    return ([rng.randrange(size * 8) for _ in range(every)] + [rng.randrange(18 * 8) for _ in range(every // 2)] +
            [size * 8 - 1 - rng.randrange(9 * 8) for _ in range(every // 2)])


@slow
@fault(1)
def test_no_flipped_bit_is_missed():
    with Scratch() as scratch:
        events, golden, _ = make_history(os.path.join(scratch, "whole"))
        copies = Copies(scratch, events, golden)
        rng = random.Random(20170622)
        tries = [(path, bit) for path in objects(events) for bit in places(rng, path)]
        every = objects(events)
        while len(tries) < FLIPS:
            path = rng.choice(every)
            tries.append((path, rng.randrange(os.path.getsize(path) * 8)))
        content = {path: read_bytes(path) for path in every}
        whole = {path: inflate(data) for path, data in content.items()}

        def flip(item):
            path, bit = item
            data = bytearray(content[path])
            data[bit // 8] ^= 1 << bit % 8
            wanted = 0 if inflate(bytes(data)) == whole[path] else 3
            got = copies.status(path, bytes(data))
            return (got, wanted, os.path.relpath(path, events), bit) if got != wanted else wanted

        results = parallel(flip, tries)
        wrong = [r for r in results if not isinstance(r, int)]
        cases(1, len(results), len(results) - len(wrong))
        expect(wrong[:20], [], "%d of %d flips: (exit, wanted, object, bit)" % (len(wrong), len(results)))
        assert len(results) == FLIPS and results.count(3) > FLIPS / 2 and results.count(0) > 20, results.count(3)


def member_ends(data):
    """Bytes at which a member ends."""
    ends, at = set(), 0
    while at < len(data):
        z = zlib.decompressobj(31)
        z.decompress(data[at:])
        at = len(data) - len(z.unused_data)
        ends.add(at)
    return ends


def check_cuts(chosen):
    """Each of three small objects cut at the bytes that are chosen of its size."""
    with Scratch() as scratch:
        events, golden, small = make_history(os.path.join(scratch, "whole"))
        copies = Copies(scratch, events, golden)
        content = {path: read_bytes(path) for path in small}
        tries = [(path, cut) for path in small for cut in chosen(len(content[path]))]

        def cut_at(item):
            path, cut = item
            got = copies.status(path, content[path][:cut])
            if cut == 0 or cut in member_ends(content[path]):
                return None if got in (1, 3) else (got, "1 or 3", os.path.basename(path), cut)  # gone, or cut short
            return None if got == 3 else (got, 3, os.path.basename(path), cut)

        wrong = [r for r in parallel(cut_at, tries) if r is not None]
        cases(2, len(tries), len(tries) - len(wrong))
        expect(wrong[:20], [], "%d of %d cuts: (exit, wanted, object, byte)" % (len(wrong), len(tries)))
        return len(tries)


@sampled
@fault(2)
def test_no_cut_is_missed():
    """Within a header and a trailer, and every fourth byte between; a quarter of these in `make test`."""
    tried = check_cuts(lambda size: part_of(sorted({*range(12), *range(12, size, 4), *range(size - 9, size)}), 4))
    assert tried > (150 if in_full() else 40), tried


@slow
@fault(2)
def test_no_cut_at_any_byte_is_missed():
    """As test_no_cut_is_missed, at every byte."""
    assert check_cuts(range) > 500


@fault(3)
def test_whatever_follows_the_last_member_is_damage():
    with Scratch() as scratch:
        events, golden, small = make_history(os.path.join(scratch, "whole"))
        copies = Copies(scratch, events, golden)
        tails = [b"\0", b"\n", b"x", b"\x1f", b"\x1f\x8b", b"\0" * 512, b'{"t":"OrderCreated"}\n']

        def append(item):
            path, tail = item
            return copies.status(path, read_bytes(path) + tail)

        tries = [(path, tail) for path in small for tail in tails]
        expect(parallel(append, tries), [3] * len(tries), "exit statuses")
        cases(3, len(tries))


@fault(3)
def test_a_damaged_head_of_the_second_member_is_damage():
    """Its magic, method and flags: each bit of them. What is no member behind one is not passed over."""
    with Scratch() as scratch:
        events, golden, small = make_history(os.path.join(scratch, "whole"))
        copies = Copies(scratch, events, golden)
        path = next(p for p in small if p.endswith("small-two.gz"))
        data = read_bytes(path)
        second = min(member_ends(data))

        def flip(bit):
            damaged = bytearray(data)
            damaged[second + bit // 8] ^= 1 << bit % 8
            same = inflate(bytes(damaged)) == inflate(data)  # a flag that says "text" means nothing
            return copies.status(path, bytes(damaged)) == (0 if same else 3)

        bits = range(4 * 8)
        expect([bit for bit, good in zip(bits, parallel(flip, bits)) if not good], [], "bits that are not noticed")
        cases(3, len(bits))
