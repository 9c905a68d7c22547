# SPDX-License-Identifier: MIT
"""One damaged record among many that are whole: each of these is an event, however they are joined and whatever they hold."""

import base64
import hashlib
import json
import os
import random

from support import aggregate, all_cases, expect, in_full, refold, run_json, sampled, Scratch, write_bytes

CASE = aggregate("case")
BETWEEN = ["\n", "\n", "\r\n", "", "", " ", " \t ", "\n\n \n"]
PIECES = ['"', "\\", "{", "}", "}{", '{"', '"}', '"}{"', "[{", "]", ":", ",", ":{", ',{"', "\n", "\t", "\0", "é", "\u2028", "😀", "a", "12:30", " ",
          '{"aggregateId":"phantom","version":1,"type":"T","at":1,"data":{}}', "\\\"", "eyJ0IjoiVCJ9", "\ufeff"]
MAGIC = b"\xf3\x89\x9a\xc2"


def text(rng):
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(6)))


def value(rng, depth=0):
    kind = rng.randrange(8 if depth < 3 else 5)
    if kind == 0:
        return rng.choice([None, True, False, 0, -1.5e-7, 12345678901234567890])
    if kind < 5:
        return text(rng)
    if kind == 5:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 6:  # what would be an event by itself
        return {"aggregateId": "phantom", "version": 1, "type": "T", "at": 1, "data": {"x": text(rng)}}
    return {text(rng) + str(n): value(rng, depth + 1) for n in range(rng.randrange(4))}


def event(rng, identity):
    members = [("aggregateType", "case"), ("aggregateId", identity), ("version", 1), ("type", "T"), ("at", "2020-01-01T00:00:00Z"),
               ("data", {"v": value(rng), "w": value(rng)})]
    rng.shuffle(members)
    compact = rng.random() < 0.6
    return json.dumps(dict(members), ensure_ascii=rng.random() < 0.5, separators=(",", ":") if compact else None).encode()


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def kpl_aggregate(records):
    """Of the Kinesis Producer Library: a protobuf message with its MD5."""
    message = b"\x0a\x01k"
    for record in records:
        inner = b"\x08\0\x1a" + varint(len(record)) + record
        message += b"\x1a" + varint(len(inner)) + inner
    return MAGIC + message + hashlib.md5(message).digest()


class Item:
    """What stands between two joints: a record with one event or several."""

    def __init__(self, rng, name, plain):
        kind = rng.choice(["json"] * 8 + ([] if plain else ["batch", "base64", "aggregate", "mark"]))
        # no flipped bit makes one of them another
        self.ids = [hashlib.md5(("%s-%d" % (name, n)).encode()).hexdigest()[:12] for n in range(rng.randrange(1, 4) if kind in ("batch", "aggregate") else 1)]
        events = [event(rng, identity) for identity in self.ids]
        self.line = kind == "base64"  # needs one of its own
        self.bytes = {"json": events[0], "batch": b"[" + b",".join(events) + b"]", "base64": base64.b64encode(events[0]),
                      "aggregate": kpl_aggregate(events), "mark": b"\xef\xbb\xbf" + events[0]}[kind]
        self.kind = kind


def spoil(rng, data):
    """(the bytes, what was done, whether they end as they did)"""
    at = rng.randrange(1, len(data))
    how = rng.choice(["cut", "cut", "tail", "hole", "flip", "flip", "quote", "drop", "put"])
    if how == "cut":
        return data[:at], how, False
    if how == "tail":
        return data[at:], how, True
    if how == "hole":
        end = rng.randrange(at, len(data))
        return data[:at] + data[end:], how, True
    if how == "flip":
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:], how, True
    if how == "quote":
        quotes = [n for n in range(len(data)) if data[n:n + 1] == b'"'] or [0]
        at = rng.choice(quotes)
        return data[:at] + data[at + 1:], how, True
    if how == "drop":
        return data[:at] + data[at + 1:], how, True
    return data[:at] + bytes([rng.choice(b'"{}[]\\:,\n\0\xff ')]) + data[at:], how, True


class Case:
    def __init__(self, rng, number):
        between = rng.choice(BETWEEN).encode()
        plain = rng.random() < 0.5
        items = [Item(rng, "%d-%d" % (number, n), plain) for n in range(rng.randrange(3, 9))]
        able = [n for n, item in enumerate(items) if item.kind not in ("aggregate",)]
        self.victim = rng.choice(able) if able else 0
        self.object = b""
        self.healthy = []
        self.doubtful = []  # joined to one that was cut: it may be a part of that
        self.own = items[self.victim].ids if able else []
        self.how = "nothing"
        self.left = b""  # of the damaged one
        open_end = False
        for n, item in enumerate(items):
            joint = b"\n" if n > 0 and (item.line or items[n - 1].line) and b"\n" not in between else between
            self.object += joint if n > 0 else b""
            if n == self.victim and able:
                data, self.how, ends = spoil(rng, item.bytes)
                self.object += data
                self.left = data
                open_end = not ends
                continue
            near = open_end and b"\n" not in joint
            open_end = False
            (self.doubtful if near else self.healthy).extend(item.ids)
            self.object += item.bytes
        self.object += rng.choice([b"", b"\n"])


def check(case, found, told):
    """@found ids of the events; @told whether damage of the object was"""
    what = "%s of %s in %r" % (case.how, case.own, case.object)
    expect(sorted(set(case.healthy) - set(found)), [], "lost: " + what)
    expect(len(found), len(set(found)), "twice: " + what)
    strangers = set(found) - set(case.healthy) - set(case.doubtful)
    if case.how not in ("tail", "hole"):  # these may leave of a record what stood in it
        assert "phantom" not in strangers or case.how == "flip", "a part of a record: " + what
    assert len(strangers) <= max(1, len(case.own)), "strangers %s: %s" % (strangers, what)
    everything = set(case.healthy) | set(case.doubtful) | set(case.own)
    nothing_left = case.left.strip(b"\xef\xbb\xbf \t\r\n") == b""
    assert told or nothing_left or everything <= set(found) or len(strangers) == len(case.own), "nothing is told: " + what


def try_cases(first, count):
    rng = random.Random(first)
    with Scratch() as scratch:
        made = {}
        for number in range(first, first + count):
            key = "2020/01/01/00/x-1-2020-01-01-00-00-00-00000000-0000-4000-8000-%012d" % number
            made[key] = Case(rng, number)
            write_bytes(os.path.join(scratch, "h", key), made[key].object)
        done = refold("cat", "-q", "--keep-partial", os.path.join(scratch, "h"))
        report = run_json("--no-compare", "--keep-partial", "-a", CASE, "--limit", "listed=100000", os.path.join(scratch, "h")).report
        found = {key: [] for key in made}
        for line in done.stdout.splitlines():
            seen = json.loads(line)
            found[seen["object"]].append(seen["aggregateId"])
        damaged = {d["object"] for d in report["damage"] if "object" in d}
        for key, case in made.items():
            check(case, found[key], key in damaged)
        return sum(len(case.healthy) for case in made.values()), sum(
            len(set(case.doubtful) - set(found[key])) for key, case in made.items())


@sampled
def test_a_damaged_record_costs_no_neighbour():
    healthy = lost = 0
    for batch in range(50 if all_cases() else 8 if in_full() else 2):
        more, fewer = try_cases(1 + 500 * batch, 500)
        healthy += more
        lost += fewer
    # Of those that are joined to a cut one few may be a part of it; of all others none is lost.
    assert lost * 50 < healthy, "%d of %d" % (lost, healthy)
