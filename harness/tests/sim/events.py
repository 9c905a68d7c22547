# SPDX-License-Identifier: MIT
"""From records to events: envelopes, and what is malformed ("Records and envelopes")."""

import base64
import binascii
import re

import hashes
from jsontext import canonical, is_integer, read_at, read_whole
from times import of_value

_NAME = re.compile(r"(?!.*\.pending$)[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", re.A)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.A)
#: a byte that is no UTF-8, as "surrogateescape" decodes it
_NO_UTF8 = re.compile("[\udc80-\udcff]")
MOST_VERSION = (1 << 63) - 1
MOST_ID_BYTES = 4096
MOST_NAME_BYTES = 1024

#: of each envelope: part -> path. "custom" is one of the config's, which tells no time
ENVELOPES = {
    "eventsource": {"id": ("d", "ID"), "version": ("d", "Version"), "type": ("t",), "at": ("d", "At"), "data": ("d",)},
    "flat": {"id": ("aggregateId",), "aggregate": ("aggregateType",), "version": ("version",), "type": ("type",),
             "at": ("at",), "data": ("data",), "eid": ("id",)},
    "custom": {"id": ("key", "id"), "aggregate": ("of",), "version": ("meta", "v/1"), "type": ("meta", "kind"),
               "data": ("body",), "eid": ("meta", "eid")},
}
MISSING = object()


class Malformed(Exception):
    """A record, or a part of a batch, that is no event."""


class Event:
    """One event as it was read. `place` orders copies: (number of the object, offset, part)."""
    __slots__ = ("object", "place", "aggregate", "id", "version", "type", "at", "data", "eid", "envelope", "content",
                 "laden", "bare")

    def data_hash(self):
        return hashes.hash_value(self.data)

    def same_as(self, other):
        """The contract's "equal"."""
        return (self.type, self.at, self.content) == (other.type, other.at, other.content)


def _find(record, path):
    value = record
    for key in path:
        if not isinstance(value, dict):
            return MISSING
        if key in getattr(value, "repeated", ()):
            raise Malformed("a key that the envelope reads occurs twice")
        value = value.get(key, MISSING)
    return value


def _read_id(value, needed):
    if value is MISSING or value is None:
        if needed:
            raise Malformed("no id")
        return None
    if type(value) is str:
        text = value
    elif is_integer(value):
        text = "0" if value == "-0" else str.__str__(value)
    else:
        raise Malformed("no id")
    if text == "" or len(hashes.utf8(text)) > MOST_ID_BYTES:
        raise Malformed("no id")
    return text


def _read_aggregate(value):
    if value is MISSING or value is None:
        return None
    if type(value) is not str or not _NAME.fullmatch(value):
        raise Malformed("no name of a golden")
    return value


def _read_version(value):
    if value is MISSING or value is None:
        return None
    whole = is_integer(value) or (type(value) is str and value != "" and value.isascii() and value.isdigit())
    if not whole or not 0 <= int(value) <= MOST_VERSION:
        raise Malformed("no version")
    return int(value)


def _read_type(value):
    if type(value) is not str or value == "" or len(hashes.utf8(value)) > MOST_NAME_BYTES:
        raise Malformed("no type")
    return value


def pointers(envelope):
    """As the config has it."""
    return {part: "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)
            for part, path in ENVELOPES[envelope].items()}


def _read_at(value):
    at = None if value is MISSING else of_value(value)
    if at is None:
        raise Malformed("no time")
    return at


def _choose(record, envelope):
    if envelope != "auto":
        return envelope
    if "t" in record and "d" in record:
        return "eventsource"
    if "aggregateId" in record and "type" in record:
        return "flat"
    raise Malformed("no envelope fits")


_DATA_NAMES = {"data", "eventdata", "payload", "eventpayload", "body", "eventbody", "properties", "eventproperties",
               "attributes", "content", "event", "state"}
_METADATA_NAMES = {"metadata", "meta", "headers", "context", "correlationid", "causationid", "traceid", "spanid",
                   "traceparent", "tracestate", "requestid"}


def _is_bare(record, paths):
    """Of a flat record without data: whether something in it may be its data."""
    scalars = 0
    for key, value in record.items():
        if (key,) in paths or value is None or (isinstance(value, (dict, list)) and not value):
            continue
        name = "".join(c for c in key if c not in "_-")
        name = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)
        if name in _DATA_NAMES or (isinstance(value, (dict, list)) and name not in _METADATA_NAMES):
            return True
        if isinstance(value, dict) and any(
                "".join(c for c in inner.lower() if c not in "_-") in _DATA_NAMES and held not in (None, {}, [])
                for inner, held in value.items()):
            return True
        scalars += not isinstance(value, (dict, list)) and name not in _METADATA_NAMES
    return scalars >= 3


def read_event(record, envelope):
    """The event that an object is, without its place. Malformed"""
    event = Event()
    event.envelope = _choose(record, envelope)
    paths = ENVELOPES[event.envelope]
    parts = {part: _find(record, path) for part, path in paths.items()}
    event.id = _read_id(parts["id"], True)
    event.aggregate = _read_aggregate(parts.get("aggregate", MISSING))
    event.version = _read_version(parts["version"])
    event.type = _read_type(parts["type"])
    event.at = _read_at(parts["at"]) if "at" in parts else None
    event.eid = _read_id(parts.get("eid", MISSING), False)
    event.data = {} if parts["data"] is MISSING else parts["data"]
    event.laden = parts["data"] is not MISSING
    event.bare = not event.laden and event.envelope == "flat" and _is_bare(record, paths.values())
    event.content = canonical(event.data)
    return event


def _of_line(text):
    """A line is one event in base64, or malformed."""
    if len(text) < 8 or len(text) % 4 or not _BASE64.fullmatch(text):
        raise Malformed("neither JSON nor base64")
    try:
        decoded = base64.b64decode(text, validate=True)
        if base64.b64encode(decoded).decode("ascii") != text:
            raise Malformed("bits that are of no byte")
        value = read_whole(decoded.decode("utf-8"))
    except (ValueError, binascii.Error) as error:
        raise Malformed("no JSON in base64") from error
    if not isinstance(value, dict):
        raise Malformed("no object in base64")
    return value


class Decoded:
    """What an object's records are: events in order, and the terms of the second sum."""

    def __init__(self, records, envelope):
        self.records = len(records)
        self.expanded = self.empty = 0
        self.events = []
        self.malformed = []  # offsets
        self.holds_object = False  # whether "a JSON object was read in it"
        for record in records:
            if record.kind == "malformed":
                self.malformed.append(record.offset)
            elif record.kind == "line":
                self._take(record.offset, 0, lambda r=record: _of_line(r.value), envelope)
            elif isinstance(record.value, dict):
                self._take(record.offset, 0, lambda r=record: r.value, envelope)
            else:
                self._take_batch(record, envelope)

    def _take_batch(self, record, envelope):
        self.empty += not record.value
        self.expanded += max(len(record.value) - 1, 0)
        for part, value in enumerate(record.value):
            self._take(record.offset, part, lambda v=value: v, envelope)

    def _take(self, offset, part, read, envelope):
        try:
            record = read()
            if not isinstance(record, dict):
                raise Malformed("no object")
            self.holds_object = True
            event = read_event(record, envelope)
        except Malformed:
            self.malformed.append(offset)
            return
        event.place = (offset, part)
        self.events.append(event)
