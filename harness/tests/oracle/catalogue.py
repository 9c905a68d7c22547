# SPDX-License-Identifier: MIT
"""What `refold types --json` says of a history, worked out slowly: all events are held, each path gathers all
its values before anything is counted, so that no order of reading, no merging and no bound on memory has a
part in it. Shares no code with refold."""

import base64
import calendar
import datetime
import json
import re
from decimal import Decimal

from support import objects, read_bytes, inflate

KEYS, VALUES, EXAMPLES, VALUE_BYTES, STEPS = 100, 16, 3, 64, 16


class Token(str):
    """A number as it stands."""


class Real(Token):
    pass


def load(text):
    """JSON whose numbers keep their tokens; of a repeated key the last counts."""
    return json.loads(text, parse_int=Token, parse_float=Real)


def load_all(text):
    """JSON values joined by nothing, blanks or line ends, or lines of base64 that hold one each."""
    decoder = json.JSONDecoder(parse_int=Token, parse_float=Real)
    found, at = [], 0
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return found
        start = at
        if text[at] == "{":
            value, at = decoder.raw_decode(text, at)
        else:
            end = text.find("\n", at)
            line, at = (text[at:], len(text)) if end < 0 else (text[at:end], end)
            value = load(base64.b64decode(line.strip()))
        found.append((len(text[:start].encode("utf-8")) if len(text) < 1 << 20 else start, value))


# ---- events ----------------------------------------------------------------------------------------


def instant(text):
    """RFC 3339 as (seconds, nanoseconds), or None."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
                         r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))", text, re.ASCII)
    if not match or text[10] == " ":
        return None
    year, month, day, hour, minute, second = (int(g) for g in match.groups()[:6])
    try:
        days = datetime.date(year, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal()
    except ValueError:
        return None
    offset = 0
    if match.group(8):
        hours, minutes = int(match.group(9)), int(match.group(10))
        if hours > 23 or minutes > 59:
            return None
        offset = (1 if match.group(8) == "+" else -1) * (hours * 60 + minutes) * 60
    if hour > 23 or minute > 59 or second > 60:
        return None
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    nanos = int((match.group(7) or "").ljust(9, "0"))
    if second == 60:
        if (seconds - 1) % 86400 != 86399:
            return None
    if not -62135596800 <= seconds <= 253402300799:
        return None
    return seconds, nanos


def stamp(at):
    """RFC 3339 in UTC."""
    days, rest = divmod(at[0], 86400)
    date = datetime.date.fromordinal(days + datetime.date(1970, 1, 1).toordinal())
    fraction = ("%09d" % at[1]).rstrip("0")
    return "%s-%02d-%02dT%02d:%02d:%02d%sZ" % (str(date.year).rjust(4, "0"), date.month, date.day, rest // 3600,
                                             rest // 60 % 60, rest % 60, "." + fraction if fraction else "")


class Event:
    def __init__(self, record, origin):
        if "t" in record:
            self.data = record["d"]
            self.aggregate, self.id, self.type = None, record["d"]["ID"], record["t"]
            version, at, self.eid = record["d"].get("Version"), record["d"].get("At"), None
        else:
            self.data = record.get("data", {})
            self.aggregate, self.id, self.type = record.get("aggregateType"), record["aggregateId"], record["type"]
            version, at, self.eid = record.get("version"), record.get("at"), record.get("id")
        self.version = None if version is None else int(version)
        self.at = None if at is None else instant(at)
        self.origin = origin

    def same(self, other):
        return (self.type, self.at) == (other.type, other.at) and typed(self.data) == typed(other.data)


def typed(value):
    """Values that compare as JSON does: 1 is no string, 1.0 is not 1, true is not 1."""
    if isinstance(value, dict):
        return ("object", tuple(sorted((k, typed(v)) for k, v in value.items())))
    if isinstance(value, list):
        return ("array", tuple(typed(v) for v in value))
    return (kind_of(value), str(value))


def read_events(folder):
    """All events of a history that is not damaged."""
    found = []
    for number, path in enumerate(objects(folder)):
        data = read_bytes(path)
        text = (inflate(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
        for offset, value in load_all(text):
            found.append(Event(value, (number, offset)))
    return found


# ---- instances -------------------------------------------------------------------------------------


def instances(events, rename=lambda event: event.aggregate):
    """(aggregate, id) -> [(event, duplicates, conflicts)] in order of versions."""
    groups = {}
    for event in events:
        groups.setdefault((rename(event), event.id), []).append(event)
    found = {}
    for key, group in groups.items():
        group.sort(key=lambda e: e.origin)
        places = {}
        for event in group:
            if all(e.version is None for e in group):
                place = ("eid", event.eid) if event.eid is not None else ("alone", event.origin)
            else:
                place = event.version
            places.setdefault(place, []).append(event)
        copies = sorted(places.values(), key=lambda c: (c[0].version if c[0].version is not None else 0,
                                                        c[0].at is not None, c[0].at or (), c[0].origin))
        found[key] = [(c[0], sum(c[0].same(o) for o in c[1:]), sum(not c[0].same(o) for o in c[1:])) for c in copies]
    return found


# ---- shapes ----------------------------------------------------------------------------------------


def kind_of(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, Real):
        return "real"
    if isinstance(value, Token):
        return "integer"
    return {str: "string", list: "array", dict: "object"}[type(value)]


def ends(values):
    return {"least": min(values), "greatest": max(values)}


def describe_numbers(numbers, row):
    """numbers: tokens"""
    integers = [n for n in numbers if not isinstance(n, Real)]
    beyond = sum(abs(int(n)) > 1 << 53 for n in integers)
    ranged = []
    for n in numbers:
        if not isinstance(n, Real) and -1 << 63 <= int(n) < 1 << 63:
            n = str(int(n))
        if len(n) <= VALUE_BYTES:
            ranged.append((Decimal(n), n.encode("ascii")))
    if ranged:
        row["range"] = {"least": min(ranged)[1].decode(), "greatest": max(ranged)[1].decode()}
    if beyond:
        row["beyond_2_53"] = beyond
    if len(numbers) > len(ranged):
        row["long_numbers"] = len(numbers) - len(ranged)
    if 0 < len(integers) < len(numbers):
        row["mixed_numbers"] = True


def describe_values(values, row):
    """values: strings and number tokens"""
    counts = {}
    for value in values:
        text = value.encode("utf-8")
        cut = len(text) > VALUE_BYTES
        text = text[:VALUE_BYTES].decode("utf-8", "ignore").encode("utf-8") if cut else text
        key = (not isinstance(value, Token), text, cut)
        counts[key] = counts.get(key, 0) + 1
    more = len(counts) > VALUES or any(cut for _, _, cut in counts)
    kept = sorted(counts)[:EXAMPLES] if more else sorted(counts)
    row["examples" if more else "values"] = [
        {"begins" if cut else "value": text.decode() if is_string or cut else "=" + text.decode(),
         "count": counts[is_string, text, cut]}
        for is_string, text, cut in sorted(kept, key=lambda k: (-counts[k], k))]


def describe(values, pointer, step, of, with_events, depth, rows, limits):
    """values: [(number of the event, value)], all that ever stood at this path."""
    kinds = {}
    for _, value in values:
        kinds[kind_of(value)] = kinds.get(kind_of(value), 0) + 1
    row = {"path": pointer, "step": step, "count": len(values), "of": of, "kinds": kinds}
    if with_events:
        row["events"] = len({number for number, _ in values})
    rows.append(row)
    strings = [v for _, v in values if kind_of(v) == "string"]
    numbers = [v for _, v in values if kind_of(v) in ("integer", "real")]
    arrays = [(n, v) for n, v in values if kind_of(v) == "array"]
    mappings = [(n, v) for n, v in values if kind_of(v) == "object"]
    if arrays:
        row["elements"] = ends([len(v) for _, v in arrays])
    if strings:
        row["characters"] = ends([len(v) for v in strings])
        times = [instant(v) for v in strings]
        if None not in times:
            row["times"] = {"first": stamp(min(times)), "last": stamp(max(times))}
    if numbers:
        describe_numbers(numbers, row)
    if strings or numbers:
        describe_values(strings + numbers, row)
    if depth == STEPS:
        if any(v for _, v in arrays + mappings):
            limits.add("depth")
        return
    elements = [(n, element) for n, v in arrays for element in v]
    if elements:
        describe(elements, pointer + "/*", "element", len(arrays), with_events, depth + 1, rows, limits)
    keys = {k for _, v in mappings for k in v}
    if len(keys) > KEYS:
        row["map"] = True
        below = [(n, value) for n, v in mappings for value in v.values()]
        describe(below, pointer + "/*", "key", len(mappings), False, depth + 1, rows, limits)
        return
    for key in sorted(keys, key=lambda k: k.encode("utf-8")):
        below = [(n, v[key]) for n, v in mappings if key in v]
        path = pointer + "/" + key.replace("~", "~0").replace("/", "~1")
        describe(below, path, "member", len(mappings), with_events, depth + 1, rows, limits)


# ---- the listing -----------------------------------------------------------------------------------


def catalogue(events, handling=lambda aggregate, kind: ("unclaimed", None), rename=lambda event: event.aggregate):
    """The member "types" of the listing; a number's token as "=token"."""
    types, pairs = {}, {}
    for (aggregate, _), steps in instances(events, rename).items():
        for place, (event, duplicates, conflicts) in enumerate(steps):
            row = types.setdefault((aggregate, event.type), {
                "events": [], "instances": set(), "duplicates": 0, "conflicts": 0, "starts": 0, "ends": 0})
            row["events"].append(event)
            row["instances"].add(event.id)
            row["duplicates"] += duplicates
            row["conflicts"] += conflicts
            row["starts"] += place == 0
            row["ends"] += place == len(steps) - 1
            if place > 0:
                pair = (aggregate, steps[place - 1][0].type, event.type)
                pairs[pair] = pairs.get(pair, 0) + 1

    def rank(key):
        aggregate, kind = key
        return -len(types[key]["events"]), (aggregate or "").encode("utf-8"), kind.encode("utf-8")

    def neighbours(counts):
        return [{"type": t, "count": c} for t, c in sorted(counts, key=lambda p: (-p[1], rank((aggregate, p[0]))))]

    listing = []
    for key in sorted(types, key=rank):
        aggregate, kind = key
        row = types[key]
        entry = {} if aggregate is None else {"aggregate": aggregate}
        entry.update(type=kind, events=len(row["events"]), instances=len(row["instances"]),
                     duplicates=row["duplicates"], conflicts=row["conflicts"])
        times = [e.at for e in row["events"] if e.at is not None]
        if times:
            entry.update(first=stamp(min(times)), last=stamp(max(times)))
        entry["handling"], handler = handling(aggregate, kind)
        if handler is not None:
            entry["handler"] = handler
        entry.update(starts=row["starts"], ends=row["ends"])
        entry["before"] = neighbours([(b, c) for (a, b, t), c in pairs.items() if (a, t) == key])
        entry["after"] = neighbours([(t, c) for (a, b, t), c in pairs.items() if (a, b) == key])
        paths, limits = [], set()
        describe([(n, e.data) for n, e in enumerate(row["events"])], "", "root", len(row["events"]), True, 0, paths,
                 limits)
        entry.update(limits=sorted(limits), paths=paths)
        listing.append(entry)
    return listing


def tokens_as_text(listing):
    """A listing read with load(): counts become numbers, tokens of the history "=token"."""
    if isinstance(listing, list):
        return [tokens_as_text(v) for v in listing]
    if not isinstance(listing, dict):
        return int(listing) if kind_of(listing) == "integer" else listing
    found = {k: tokens_as_text(v) for k, v in listing.items()}
    if "range" in listing:
        found["range"] = {k: str(v) for k, v in listing["range"].items()}
    if isinstance(listing.get("value"), Token):
        found["value"] = "=" + listing["value"]
    return found
