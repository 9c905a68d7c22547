# SPDX-License-Identifier: MIT
"""From an object's stored bytes to records: gzip, framing, and how reading goes on behind damage."""

import json
import re
import zlib

from jsontext import read_at

GZIP = b"\x1f\x8b"
#: what a text that was cut may end in, where a JSON reader stops in front of it
_CUT_TOKEN = re.compile(r"t|tr|tru|f|fa|fal|fals|n|nu|nul|-|[eE][+-]?|\.|\\?u?[0-9a-fA-F]{0,4}")
#: a byte that is no UTF-8, as "surrogateescape" decodes it
_NO_UTF8 = re.compile("[\udc80-\udcff]")


_BRACKET = re.compile(r"[{\[]")
_BASE64 = re.compile(r"([A-Za-z0-9+/=]+)(?=[ \t\r\n]|\Z)")
#: what may stand behind a record: another one (be it with a byte order mark, or an aggregate), the end of a line or of all
_FOLLOWS = re.compile("[ \t]*(?:[\r\n{\\[\uf000-\uffff\U000c0000-\U000fffff\udcef\udcf3]|\\Z)")
#: tokens, for telling where a text is broken; in a string what may stand there
_TOKEN = re.compile(r'[{}\[\]:,]|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|"')
_STRING = re.compile(r'(?:[^"\\\x00-\x1f\udc80-\udcff]|\\["\\/bfnrt]|'
                     r'\\u(?:[0-9a-cefA-CEF][0-9a-fA-F]{3}|[dD](?:[0-7]|[89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F])[0-9a-fA-F]{2}))*')
_BLANKS = re.compile(r"[ \t\r\n]*")


def break_of(text, at):
    """Where a text can no longer be the front of the JSON value that begins at `at`: of the character with which it is none."""
    closers = []
    wanted = "value"
    while True:
        at = _BLANKS.match(text, at).end()
        found = _TOKEN.match(text, at)
        if found is None:
            return at
        token = found[0]
        if token == '"' and wanted in ("value", "value or ]", "key", "key or }"):
            end = _STRING.match(text, at + 1).end()
            if text[end:end + 1] != '"':
                return end
            at = end + 1
            wanted = ":" if wanted.startswith("key") else "behind"
            continue
        if wanted.startswith("value") and token in ("{", "["):
            closers.append("}" if token == "{" else "]")
            wanted = "key or }" if token == "{" else "value or ]"
        elif wanted in ("behind", "key or }", "value or ]") and closers and token == closers[-1]:
            closers.pop()
            if not closers:
                return len(text)
            wanted = "behind"
        elif wanted == ":" and token == ":":
            wanted = "value"
        elif wanted == "behind" and token == ",":
            wanted = "key" if closers[-1] == "}" else "value"
        elif wanted.startswith("value") and token[0] in "-0123456789tfn":
            wanted = "behind"
        else:
            return at
        at = found.end()


def _header_bytes(member):
    """The length of a member's header, or None where it does not end."""
    if len(member) < 10:
        return None
    flags = member[3]
    at = 10
    if flags & 4:
        at += 2 + int.from_bytes(member[at:at + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            end = member.find(b"\0", at)
            if end < 0:
                return None
            at = end + 1
    return at + (2 if flags & 2 else 0)


def _salvage(member):
    """(what inflates, "exact" or "loose") of a member that zlib refuses. Exact: all of it inflates, only the trailer
    is wrong. Loose: the deflate stream itself is, and no one can say how much comes out in front."""
    if member[:3] != GZIP + b"\x08" or len(member) < 4 or member[3] & 0xe0:
        return b"", "exact"  # no header of a member
    at = _header_bytes(member)
    if at is None:
        return b"", "loose"
    inflater = zlib.decompressobj(-15)
    try:
        text = inflater.decompress(member[at:])
    except zlib.error:
        return b"", "loose"
    return (text, "exact") if inflater.eof else (b"", "loose")


def _is_gzip(stored):
    """By the magic, cut short, or with one byte of three damaged: such an object is damage, and no text."""
    if len(stored) < 3:
        return stored != b"" and (GZIP + b"\x08").startswith(stored)
    return sum(a == b for a, b in zip(stored, GZIP + b"\x08")) >= 2


def unpack(stored):
    """(bytes, None where all is well, else "exact" or "loose")"""
    if not _is_gzip(stored):
        return stored, None
    if stored[:2] != GZIP:
        return b"", "exact"
    parts = []
    rest = stored
    while rest:
        inflater = zlib.decompressobj(31)
        try:
            parts.append(inflater.decompress(rest))
        except zlib.error:
            if parts and rest[:2] != GZIP:
                return b"".join(parts), "exact"  # something that is no member stands behind the last
            text, how = _salvage(rest)
            parts.append(text)
            return b"".join(parts), how
        if not inflater.eof:
            return b"".join(parts), "exact"  # cut
        rest = inflater.unused_data
    return b"".join(parts), None


class Record:
    """kind: "value", "line" or "malformed"."""
    __slots__ = ("kind", "offset", "value")

    def __init__(self, kind, offset, value=None):
        self.kind = kind
        self.offset = offset
        self.value = value


#: a damaged record that begins as an object does, and is text
_OBJECT = re.compile(r"{(?:[\t\r\n -~]{8}|[\t\r\n -~]{0,7}\Z)")


class Records:
    """The records of one object. `ended` tells whether reading came to the object's end."""

    def __init__(self, data, broken):
        self.text = data.decode("utf-8", "surrogateescape")
        self.broken = broken
        self.ascii = data.isascii()
        self.at = 0
        self.counted = (0, 0)  # (characters, bytes) up to there
        self.ended = not broken
        self.found = []
        self.damaged_object = False  # whether one that is damaged begins with a brace
        self._read()

    def _offset(self, at):
        if self.ascii:
            return at
        characters, octets = self.counted
        octets += len(self.text[characters:at].encode("utf-8", "surrogateescape"))
        self.counted = (at, octets)
        return octets

    def _read(self):
        text = self.text
        while True:
            while self.at < len(text) and text[self.at] in " \t\r\n":
                self.at += 1
            if self.at == len(text):
                return
            keep = self._value if text[self.at] in "{[" else self._line
            if not keep():
                return

    def _value(self):
        start = self.at
        try:
            value, self.at = read_at(self.text, start)
            if not self.ascii and _NO_UTF8.search(self.text, start, self.at):
                raise json.JSONDecodeError("no UTF-8", self.text, start)
        except ValueError as error:
            self.damaged_object = self.damaged_object or _OBJECT.match(self.text, start) is not None
            return self._behind_damage(start, error)
        self.found.append(Record("value", self._offset(start), value))
        return True

    def _behind_damage(self, start, error):
        """Whether reading can go on behind a record that is no JSON."""
        if self.broken and self._is_cut(error):
            return False  # it is not the record that is damaged
        end = self._go_on(start)
        if end is None:
            self.ended = False  # the rest of the object is unreadable, this record with it
            return False
        self.found.append(Record("malformed", self._offset(start)))
        self.at = end
        return True

    def _is_cut(self, error):
        at = getattr(error, "pos", 0)
        return at >= len(self.text) or str(error).startswith("Unterminated string") or \
            _CUT_TOKEN.fullmatch(self.text[at:]) is not None

    def _go_on(self, start):
        """The nearest place behind `start` where a whole record begins, or the string-aware end that comes before."""
        text = self.text
        broken = break_of(text, start)
        depth = 0
        in_string = escaped = False
        solid = ""
        for at in range(start, len(text)):
            c = text[at]
            if at > start and c in "{[e":
                inside = at == broken or at < broken and in_string
                if self._record_begins(at, not inside and solid in (":", ",", "[")):
                    return at
            if escaped:
                escaped = False
            elif c == '"':
                in_string = not in_string
            elif in_string:
                escaped = c == "\\"
            elif c in "{[":
                depth += 1
            elif c in "}]":
                depth -= 1
                if depth == 0:
                    return at + 1
            if c not in " \t\r\n":
                solid = c
        return None

    def _record_begins(self, at, may_be_value):
        """Whether a record that is whole begins at this bracket, or a line of base64 of an object at this letter."""
        text = self.text
        behind_line = text[at - 1] == "\n"
        if text[at] == "e":
            coded = _BASE64.match(text, at)
            return behind_line and coded is not None and len(coded[1]) >= 8 and len(coded[1]) % 4 == 0
        if not behind_line and (may_be_value or not text.startswith(('{"', "[{"), at)):
            return False
        try:
            _, end = read_at(text, at)
        except ValueError:
            return False
        return (self.ascii or not _NO_UTF8.search(text, at, end)) and _FOLLOWS.match(text, end) is not None

    def _line(self):
        start = self.at
        end = self.text.find("\n", start)
        whole = end >= 0
        end = end if whole else len(self.text)
        for bracket in _BRACKET.finditer(self.text, start + 1, end):
            at = bracket.start()
            if self._record_begins(at, self.text[start:at].rstrip(" \t\r")[-1:] in (":", ",", "[")):
                self.found.append(Record("line", self._offset(start), self.text[start:at].rstrip("\r \t")))
                self.at = at
                return True
        if self.broken and not whole:
            return False
        self.found.append(Record("line", self._offset(start), self.text[start:end].rstrip("\r \t")))
        self.at = min(end + 1, len(self.text))
        return True
