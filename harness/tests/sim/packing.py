# SPDX-License-Identifier: MIT
"""Events as records, records as objects, objects as bytes; and how bytes are damaged."""

import base64
import copy
import gzip
import json
import zlib

import times
from jsontext import Num, canonical, write

SEPARATORS = [b"", b"", b"\n", b"\n", b"\r\n", b" ", b"\n\n", b" \t\r\n"]


class Style:
    """How the records of one object are written."""

    def __init__(self, rng, envelope, named):
        self.envelope = envelope
        self.named = named  # whether a flat record names its aggregate
        self.separator = rng.choice(SEPARATORS)
        self.base64 = rng.random() < 0.12
        self.batch = rng.random() < 0.12 and not self.base64
        self.stored = rng.choice(["plain", "gzip", "gzip", "members"])
        self.end = rng.random() < 0.7  # a separator behind the last record
        self.seed = rng.getrandbits(32)


def _loosely(rng, value):
    """Another text of the same value."""
    if isinstance(value, (dict, list)) and value:
        blank = rng.choice(["", "", " ", "\n", "\t "])
        if isinstance(value, list):
            return "[" + blank + ("," + blank).join([_loosely(rng, item) for item in value]) + blank + "]"
        keys = list(value)
        rng.shuffle(keys)
        members = [_escaped(rng, key) + blank + ":" + blank + _loosely(rng, value[key]) for key in keys]
        return "{" + blank + ("," + blank).join(members) + blank + "}"
    if type(value) is str:
        return _escaped(rng, value)
    return write(value)


def _escaped(rng, text):
    roll = rng.random()
    if roll < 0.5:
        return canonical(text)
    if roll < 0.8:
        return json.dumps(text)
    if any(ord(c) > 0xffff for c in text):
        return json.dumps(text).replace("/", "\\/")
    return '"' + "".join("\\u%04X" % ord(c) for c in text) + '"'


def _id_value(rng, identity):
    """An integer where it is one, now and then."""
    integer = identity.isascii() and identity.isdigit() and (identity == "0" or identity[0] != "0")
    return Num(identity) if integer and rng.random() < 0.4 else identity


def _at_value(rng, at):
    roll = rng.random()
    if roll < 0.5:
        return times.show(at)
    if roll < 0.7:
        return times.show_at(at, rng.choice([0, 60, -300, 330, 840]), rng.choice([0, 0, 3, 9]),
                             rng.choice(["%s%s%02d:%02d", "%s%s%02d:%02d", "%s%s%02d%02d", "%s%s%02d:%02d[Europe/Berlin]"]))
    if at % 10**9 == 0 and roll < 0.85:
        return Num(at // 10**9)
    if at % 10**6 == 0 and at >= 10**17:
        return Num(at // 10**6)
    if at % 10**3 == 0 and at > times.END // 1000 and roll > 0.9:
        return Num(at // 10**3 if rng.random() < 0.5 else at)
    return times.show(at)


def record_of(rng, event, style):
    """An event as a JSON value. The spelling of what /d of `eventsource` holds is the event's own: a copy that is
    written otherwise is no copy."""
    version = event.version
    if style.envelope == "eventsource":
        data = {"ID": event.id}
        if version is not None:
            data["Version"] = version
        data["At"] = times.show(event.at)
        data.update(event.data)
        return {"t": event.type, "d": data}
    if style.envelope == "custom":
        meta = {"kind": event.type, "more": 1}
        if version is not None:
            meta["v/1"] = str(version) if rng.random() < 0.2 else version
        if event.eid is not None:
            meta["eid"] = event.eid
        record = {"key": {"id": _id_value(rng, event.id)}, "meta": meta, "body": event.data}
        if style.named:
            record["of"] = event.aggregate
        return record
    record = {"aggregateId": _id_value(rng, event.id), "type": event.type, "at": _at_value(rng, event.at),
              "data": event.data}
    if version is not None:
        record["version"] = str(version) if rng.random() < 0.2 else version
    if style.named:
        record["aggregateType"] = event.aggregate
    if event.eid is not None:
        record["id"] = event.eid
    return record


def text_of(rng, value):
    """A record's bytes."""
    return (_loosely(rng, value) if rng.random() < 0.4 else write(value)).encode("utf-8")


class Plan:
    """An object in the making. records: bytes of one record each, or (b"raw", bytes) for what is none."""

    def __init__(self, source, key, stream, hour, style):
        self.source = source
        self.key = key
        self.stream = stream
        self.hour = hour
        self.style = style
        self.records = []
        self.events = []  # the event of each record, or None
        self.damage = []  # functions from bytes to bytes, of what is stored
        self.literal = None  # the stored bytes, whatever the records are

    def add(self, rng, event):
        self.records.append(text_of(rng, record_of(rng, event, self.style)))
        self.events.append(event)

    def add_raw(self, rng, data):
        place = rng.randrange(len(self.records) + 1)
        self.records.insert(place, (b"raw", data))
        self.events.insert(place, None)

    def drop(self, wanted):
        """Without the records of these events."""
        kept = [(r, e) for r, e in zip(self.records, self.events) if e is None or not wanted(e)]
        self.records = [r for r, _ in kept]
        self.events = [e for _, e in kept]

    def copy(self):
        other = copy.copy(self)
        other.records, other.events, other.damage = list(self.records), list(self.events), list(self.damage)
        return other

    def _pieces(self, rng):
        style = self.style
        pieces = []
        batch = []
        for record in self.records:
            if isinstance(record, tuple):
                pieces.append(record[1])
            elif style.base64:
                pieces.append(base64.b64encode(record) + rng.choice([b"\n", b"\n", b"\r\n", b" \n"]))
            elif style.batch:
                batch.append(record)
                if rng.random() < 0.4:
                    pieces.append(b"[" + b",".join(batch) + b"]")
                    batch = []
            else:
                pieces.append(record)
        return pieces + ([b"[" + b",".join(batch) + b"]"] if batch else [])

    def stored(self, random_of):
        """The object's bytes. The same seed packs what has not changed the same way."""
        if self.literal is not None:
            data = self.literal
        else:
            rng = random_of(self.style.seed)
            separator = b"" if self.style.base64 else self.style.separator
            data = separator.join(self._pieces(rng)) + (separator if self.style.end else b"")
            data = compress(rng, data, self.style.stored)
        for damage in self.damage:
            data = damage(data)
        return data


def compress(rng, data, how):
    if how == "plain":
        return data
    if how == "gzip" or len(data) < 2:
        return _member(rng, data)
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randint(1, 4)))
    return b"".join(_member(rng, data[a:b]) for a, b in zip([0] + cuts, cuts + [len(data)]))


def _member(rng, data):
    if rng.random() < 0.1:  # stored blocks: a flipped bit is found by the checksum alone
        packer = zlib.compressobj(0, zlib.DEFLATED, 31)
        return packer.compress(data) + packer.flush()
    return gzip.compress(data, rng.choice([1, 6]), mtime=0)


# ---- damage ----------------------------------------------------------------------------------------


def flip(rng):
    place, bit = rng.random(), 1 << rng.randrange(8)

    def damage(data):
        at = int(place * len(data))
        return data[:at] + bytes([data[at] ^ bit]) + data[at + 1:] if data else data
    return damage


def flip_trailer(rng):
    place, bit = rng.randrange(1, 9), 1 << rng.randrange(8)
    return lambda data: data[:-place] + bytes([data[-place] ^ bit]) + data[len(data) - place + 1:] \
        if len(data) > 8 else data


def cut(rng):
    place = rng.random()
    return lambda data: data[:int(place * len(data))]


def garbage(rng):
    more = rng.choice([b"\0", b"\0" * 512, b"x", b"\x1f\x8b", b"{}", b"\x1f\x8b\x08\x00", rng.randbytes(20)])
    return lambda data: data + more
