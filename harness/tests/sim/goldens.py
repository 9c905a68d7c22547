# SPDX-License-Identifier: MIT
"""Goldens, as bytes: written from a replay, and read back with what is damage in them ("Golden")."""

import hashlib
import json

import hashes
from jsontext import Num, Obj, canonical, is_integer, read_whole

#: what is said of a state of order_nan
NO_STATE = "the state holds NaN or infinity at /rate"
MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


def line_of(instance):
    """The line that a bless writes; None: it crashed or hung."""
    fold = instance.fold
    if fold.ending in ("crashed", "hung"):
        return None
    line = {"id": instance.id, "state": fold.state(fold.at), "version": instance.folded_version}
    digest = instance.digests[fold.at]
    if line["state"] is None:
        # "`state` is left out and `rejected` names the last event"
        del line["state"]
        version, event = instance.steps[fold.at - 1]
        line["rejected"] = {"message": NO_STATE, "type": event.type, "version": version}
        if instance.refused is None:
            line["version"] = instance.version_behind(fold.at - 1)
    if instance.refused is not None:
        version, event = instance.refused
        line["rejected"] = {"message": fold.text, "type": event.type, "version": version}
        digest = instance.digests[fold.at + 1]
    if "state" not in line:
        line["rejected"]["likeness"] = likeness_of(fold.states[fold.at])
    line["events"] = "%016x" % digest
    return line


def likeness_of(state):
    """The hash of a state of order_nan that has no JSON: of its text with a token for what is no number."""
    text = canonical(dict({key: value for key, value in state.items() if key[:1] != "#"}, rate=Num("2e999")))
    return "%016x" % hashes.xxh3(hashes.utf8(text), 20)


def text_of(lines):
    """A golden's bytes."""
    ordered = sorted(lines, key=lambda line: hashes.utf8(line["id"]))
    return "".join(canonical(line) + "\n" for line in ordered).encode("utf-8")


def lines_of(replay):
    """aggregate -> lines, of every aggregate that is loaded or has instances."""
    found = {name: [] for name, build in replay.claims.items()}
    for instance in replay.instances.values():
        line = line_of(instance)
        if line is not None:
            found.setdefault(instance.aggregate, []).append(line)
    return {name: lines for name, lines in found.items() if lines}


def meta_of(aggregate, lines):
    """A meta file's text. Its digest of the history is refold's own; nothing is compared with it."""
    meta = {"aggregate": aggregate, "format": 1, "history": "0" * 32, "lines": len(lines),
            "rejected": sum("rejected" in line for line in lines), "stateVersion": 1,
            "states": hashlib.sha256(text_of(lines)).hexdigest()}
    meta["seal"] = seal_of(meta)
    return _meta_text(meta)


def seal_of(meta):
    """What a meta file says of itself, sealed: a hash of all its other members."""
    others = {name: value for name, value in meta.items() if name != "seal"}
    return hashlib.sha256(_meta_text(others)).hexdigest()[:16]


def _meta_text(meta):
    return json.dumps(meta, sort_keys=True, separators=(",", ":")).encode() + b"\n"


# ---- reading ---------------------------------------------------------------------------------------


class Unbelieved(Exception):
    """A line that is damage."""


def _is_version(value):
    return is_integer(value) and 0 <= int(value) < 1 << 63


def _is_hash(value):
    return type(value) is str and len(value) == 16 and not set(value) - set("0123456789abcdef")


def _check_rejected(line):
    rejected = line["rejected"]
    if not isinstance(rejected, dict) or set(rejected) - {"likeness"} != {"message", "type", "version"} or rejected.repeated:
        raise Unbelieved("rejected")
    if "likeness" in rejected and not _is_hash(rejected["likeness"]):
        raise Unbelieved("rejected.likeness")
    if type(rejected["message"]) is not str or type(rejected["type"]) is not str:
        raise Unbelieved("rejected")
    if not _is_version(rejected["version"]) or int(rejected["version"]) < int(line["version"]):
        raise Unbelieved("rejected.version")


def _has_repeated(value):
    if isinstance(value, Obj):
        return bool(value.repeated) or any(_has_repeated(item) for item in value.values())
    return isinstance(value, list) and any(_has_repeated(item) for item in value)


def _read_line(text):
    if text.startswith(MARKERS) or text == "" or text.endswith("\r"):
        raise Unbelieved("no line")
    try:
        line = read_whole(text)
    except ValueError as error:
        raise Unbelieved("no JSON") from error
    if not isinstance(line, dict) or set(line) - {"events", "id", "rejected", "state", "version"} or line.repeated:
        raise Unbelieved("no line")
    if type(line.get("id")) is not str or line["id"] == "" or not _is_version(line.get("version")):
        raise Unbelieved("id or version")
    if "rejected" in line:
        _check_rejected(line)
    elif "state" not in line:
        raise Unbelieved("no state")
    if _has_repeated(line.get("state")):
        raise Unbelieved("a key twice")
    if not _is_hash(line.get("events", "0" * 16)):
        raise Unbelieved("events")
    return line


class Line:
    """One line that is believed."""

    def __init__(self, text, line):
        self.text = text
        self.id = line["id"]
        self.version = int(line["version"])
        self.state = line.get("state")
        self.events = int(line["events"], 16) if "events" in line else None
        self.rejected = line.get("rejected")
        self.pin = int(self.rejected["version"]) if self.rejected else self.version


def is_line(text):
    try:
        _read_line(text.rstrip("\r"))
    except Unbelieved:
        return False
    return True


def is_none(text, meta):
    """Whether files that have a golden's name are none, by "What is written over": nothing in them shows that they are."""
    front = (meta or b"")[:4096]
    told = b'"aggregate":' in front and b'"format":' in front or front.startswith(b"<<<<<<<")
    told = told or any(is_line(line) for line in text.decode("utf-8", "surrogateescape").split("\n"))
    return not told and bool(text or meta)


class Golden:
    """One aggregate's golden. damage: how many places of it are not to be believed."""

    def __init__(self, aggregate, text, meta):
        self.aggregate = aggregate
        self.damage = 0
        self.lost = 0  # lines, by what its meta file tells
        self.lines = {}
        self._read(text.decode("utf-8", "surrogateescape"))
        self._check_meta(text, meta)

    def _read(self, text):
        lines = text.split("\n")
        if lines.pop() != "":
            self.damage += 1  # the last line has no line feed
        last = None
        for one in lines:
            try:
                line = Line(one, _read_line(one))
            except Unbelieved:
                self.damage += 1
                continue
            if last is not None and hashes.utf8(line.id) < hashes.utf8(last):
                self.damage += 1
            last = line.id
            if line.id in self.lines:
                self.damage += 1
            else:
                self.lines[line.id] = line

    def _check_meta(self, text, meta):
        if meta is None:
            return
        try:
            told = json.loads(meta)
            lines = told["lines"]
            if told["aggregate"] != self.aggregate or told["format"] != 1:
                raise ValueError("another's")
        except (ValueError, KeyError):
            self.damage += 1
            return
        if lines > 0 and text == b"":
            self.damage += 1
        elif self.damage == 0 and hashlib.sha256(text).hexdigest() != told["states"]:
            self.lost = max(0, lines - len(self.lines))


def plain(value):
    """Canonical text of a state: integers as they are."""
    return canonical(value)


def numbers(value):
    """A state of the model's as one that was read: with tokens."""
    if isinstance(value, bool) or isinstance(value, str) or value is None:
        return value
    if isinstance(value, int):
        return Num(value)
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    return [numbers(item) for item in value]
