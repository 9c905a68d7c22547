# SPDX-License-Identifier: MIT
"""The model of a replay: objects to events to folded instances, with every term of the sums. Written after
harness/docs/contract.md; "quoted" words are its own."""

import base64
import collections
import fnmatch
import re

import hashes
import keys
from aggregates import Fold
from events import Decoded
from reading import Records, unpack


#: "what begins as an object does": a brace, a name in quotes and a colon, "escaped or doubled"
_OPENING = re.compile(rb'{(?:[ \t\r\n]|\\+[nrt]?)*"[^{\x00-\x1f]{0,256}?"(?:["\\ \t\r\n]|\\[nrt])*:')
_CODED = re.compile(rb"[A-Za-z0-9+/]{16,}")


def opens_an_object(data):
    """Whether something in a text begins as an object does, as itself or in base64."""
    if _OPENING.search(data):
        return True
    return any(_OPENING.search(base64.b64decode(run[shift:shift + (len(run) - shift) // 4 * 4]))
               for run in _CODED.findall(data) for shift in range(4))


class Object:
    """One object. fate: "read", "unreadable" or "foreign"."""

    def __init__(self, name, key, source, stored, setup):
        self.name = name
        self.key = keys.of(key)
        self.order = (hashes.utf8(key), source)
        self.loose = False
        self.kind = None  # of its own damage
        self.decoded = Decoded([], setup.envelope)
        if self.key.errors:
            self.fate, self.kind = "foreign", "errors"
            return
        data, broken = unpack(stored)
        records = Records(data, broken)
        self.decoded = Decoded(records.found, setup.envelope)
        self.loose = broken == "loose"
        self.fate = self._fate(data, records)
        if self.fate == "unreadable":
            self.kind = "unreadable"

    def _fate(self, data, records):
        decoded = self.decoded
        front = data.lstrip(b" \t\r\n\v\f[")
        begins_as_records = front.startswith((b"{", b'"{'))
        holds_object = decoded.holds_object or records.damaged_object
        holds_object = holds_object or (not decoded.events and opens_an_object(data))
        if not records.ended:
            # "no one can say that it holds no events", but for text that begins otherwise
            text = records.broken is None and front[:1] >= b" " and front[:1] != b"\x7f" and not begins_as_records
            foreign = text and not (decoded.events or holds_object or self.key.packer)
            return "foreign" if foreign else "unreadable"
        empty = decoded.records > 0 and decoded.empty == decoded.records
        if decoded.events or not data or empty:
            return "read"
        looks_like_events = begins_as_records or holds_object
        return "unreadable" if self.key.packer or (looks_like_events and not self.key.hidden) else "foreign"


def are_several(files):
    """Whether there is more than one source: each object is named with its own then."""
    return len({source for source, _ in files}) > 1


def list_objects(files, setup, many):
    """(the objects that are selected, in "(key, source)" order; how many a selection by time left out).

    @files  (source, key) -> stored bytes. None: an object that no selection by time can place (exit 2)"""
    found = []
    outside = 0
    for (source, key), stored in files.items():
        if setup.until is not None:
            hour = keys.hour_of(key, setup.layout)
            if hour is None and keys.of(key).packer:
                return None, 0
            if hour is not None and hour >= setup.until:
                outside += 1
                continue
        found.append(Object(source + "/" + key if many else key, key, source, stored, setup))
        if setup.until is not None and hour is None and found[-1].decoded.events:
            return None, 0
    found.sort(key=lambda o: o.order)
    for number, one in enumerate(found):
        for event in one.decoded.events:
            event.object = one
            event.place = (number,) + event.place
    return found, outside


class Instance:
    """(aggregate, id), folded."""

    def __init__(self, aggregate, identity, build):
        self.aggregate = aggregate
        self.id = identity
        self.build = build
        self.steps = []  # (version, event) that the fold meets; types that the config skips are not among them
        self.versions = []  # all that were selected
        self.digests = [0]  # behind so many steps
        self.skipped = []  # versions and events that the config skips
        self.shortened = False
        self.fold = None
        self.start = None  # closing.Start: what it goes on from

    @property
    def last_version(self):
        return self.versions[-1] if self.versions else self.start.covered

    def steps_to(self, version):
        """How many steps have at most this version."""
        count = 0
        while count < len(self.steps) and self.steps[count][0] <= version:
            count += 1
        return count

    def run(self):
        self.fold = Fold(self.build, [event for _, event in self.steps])
        self.chain()

    def chain(self):
        """Makes the digests behind each step."""
        for version, event in self.steps[:self.fold.at + 1]:
            self.digests.append(hashes.next_digest(self.digests[-1], version, event.at, event.type, event.data_hash()))

    @property
    def refused(self):
        """(version, event) at which it was refused, or None"""
        if self.start is not None and self.start.refused is not None:
            return self.start.refused
        return self.steps[self.fold.at] if self.fold.ending == "rejected" else None

    @property
    def folded_version(self):
        return self.version_behind(self.fold.at)

    def version_behind(self, steps):
        """The version of the state behind so many steps."""
        if steps:
            return self.steps[steps - 1][0]
        return 0 if self.start is None else self.start.version


class Replay:
    """What a replay of `files` finds.

    error: "layout" (no hour to select by), "pointers" (none of the events has the version, aggregate or event id that the
    config points to, or their data stands elsewhere) or "streams" (two aggregates declare an id's types), with which it ends."""

    goes_on = False  # from a closed golden
    many = None  # as are_several(files); known before where not all files are read

    def __init__(self, files, setup):
        self.setup = setup
        self.error = None
        self.undecided = False
        self.terms = collections.Counter()
        self.damage = []  # (kind, object, offset, aggregate, id, version)
        self.instances = {}
        self.behind = {}  # (aggregate, id) -> versions and copies that --until or --as-of left out
        self.left_out = set()  # (aggregate, id) of which a selection left out an event
        self.gaps = 0
        self.untold = 0
        self.claims = setup.claims()
        self.objects, self.outside = list_objects(files, setup, self.many if self.many is not None else are_several(files))
        if self.objects is None:
            self.error = "layout"
            return
        self._count_objects()
        if self._points_nowhere() or self._leaves_data():
            self.error = "pointers"
            return
        self._gather()

    # ---- objects ----

    def _count_objects(self):
        terms = self.terms
        self.envelopes = collections.Counter()
        self.odd_names = 0
        for one in self.objects:
            decoded = one.decoded
            terms["objects"] += 1
            terms[one.fate] += 1
            if one.kind is not None:
                self.damage.append((one.kind, one.name, None, None, None, None))
            if one.fate == "foreign":
                continue
            for offset in decoded.malformed:
                self.damage.append(("malformed", one.name, offset, None, None, None))
            terms["records"] += decoded.records
            terms["expanded"] += decoded.expanded
            terms["events"] += len(decoded.events)
            terms["malformed"] += len(decoded.malformed)
            terms["empty"] += decoded.empty
            self.odd_names += bool(decoded.events) and not one.key.firehose
            for event in decoded.events:
                self.envelopes[event.envelope] += 1

    def _points_nowhere(self):
        events = [event for one in self.objects for event in one.decoded.events]
        if self.setup.envelope != "custom" or not events:
            return False
        versions = [event.version for event in events]
        return all(version is None for version in versions) or \
            (all(event.aggregate is None for event in events) and any(self._rule_name(event) is None for event in events)) or \
            (None in versions and all(event.eid is None for event in events))

    def _leaves_data(self):
        """Whether none of the events of `flat` has data, though one of them has something else that may be."""
        if self.goes_on or self.setup.until is not None or self.setup.as_of is not None:
            return False
        flat = [event for one in self.objects for event in one.decoded.events if event.envelope == "flat"]
        return any(event.bare for event in flat) and not any(event.laden for event in flat)

    @property
    def loose(self):
        return any(one.loose for one in self.objects)

    # ---- instances ----

    def _events_by_id(self):
        """What is not withdrawn."""
        found = {}
        for one in self.objects:
            events = one.decoded.events
            if one.fate == "unreadable" and not self.setup.keep_partial:
                self.terms["withdrawn"] += len(events)
                continue
            for event in events:
                found.setdefault(event.id, []).append(event)
        return found

    def _gather(self):
        setup = self.setup
        for identity, events in self._events_by_id().items():
            if setup.ids is not None and identity not in setup.ids:
                self.terms["unselected"] += len(events)
                continue
            if not self._name(events):
                self.error = "streams"
                return
            siblings = {}
            for event in events:
                siblings.setdefault(event.aggregate, []).append(event)
            for aggregate, own in siblings.items():
                self._take(aggregate, identity, own)

    def _rule_name(self, event):
        stream = event.object.key.stream
        for match, name in self.setup.streams:
            if stream is not None and fnmatch.fnmatchcase(stream, match):
                return name
        return None

    def _stream_aggregate(self, event):
        name = self._rule_name(event)
        return next(iter(self.claims)) if name is None and len(self.claims) == 1 else name

    def _name(self, events):
        """Gives the events of an id that name no aggregate one. False: two loaded aggregates fit."""
        unnamed = []
        for event in events:
            if event.aggregate is None:
                event.aggregate = self._stream_aggregate(event)
            if event.aggregate is None:
                unnamed.append(event)
        kinds = {event.type for event in unnamed}
        fit = [name for name, build in self.claims.items() if build.types is not None and build.types & kinds]
        takers = [name for name, build in self.claims.items() if build.types is None]
        if len(fit) > 1:
            return False
        told = fit or self._sibling(events)
        for event in unnamed:
            event.aggregate = (told or takers or [None])[0]
        return True

    def _sibling(self, events):
        """The one loaded name under which other events of the id stand, or a snapshot has it, if there is but one; where
        something takes all, only a snapshot tells."""
        names = set(self._started(events[0].id))
        if not any(build.types is None for build in self.claims.values()):
            names |= {event.aggregate for event in events if event.aggregate is not None}
        names = [name for name in names if name in self.claims]
        return names if len(names) == 1 else []

    def _started(self, identity):
        """The names as which snapshots hold the id, where its covered events are not read."""
        return set()

    def _build(self, aggregate):
        if aggregate in self.claims:
            return self.claims[aggregate]
        return next((build for build in self.claims.values() if build.types is None), None)

    def _take(self, aggregate, identity, events):
        build = self._build(aggregate) if aggregate is not None else None
        if build is None:
            return self._pass_unclaimed(aggregate, identity, events)
        instance = Instance(aggregate, identity, build)
        groups = self._order(instance, events)
        selected = self._select(instance, groups, self._first(instance, groups))
        left = sum(len(copies) for _, copies in groups[selected:])
        self.terms["unselected"] += left
        if left:
            self.left_out.add((aggregate, identity))
            self.behind[aggregate, identity] = groups[selected:]
        if selected == 0:
            return None
        instance.shortened = left > 0
        for version, copies in groups[:selected]:
            self._take_version(instance, version, copies)
        instance.run()
        self._settle(instance)
        self.instances[aggregate, identity] = instance
        return instance

    def _pass_unclaimed(self, aggregate, identity, events):
        """"unclaimed": only a selection goes before it."""
        versioned = any(event.version is not None for event in events)
        groups = self._by_version(events) if versioned else self._by_place(events)
        selected = 0
        while selected < len(groups) and not self._is_later(groups[selected][1][0]):
            selected += 1
        self.terms["unclaimed"] += sum(len(copies) for _, copies in groups[:selected])
        self.terms["unselected"] += sum(len(copies) for _, copies in groups[selected:])
        if selected < len(groups) and aggregate is not None:
            self.left_out.add((aggregate, identity))
        # "an hour is not closed while an id that nobody claims begins behind a gap"
        versions = [event.version for _, copies in groups[:selected] for event in copies]
        self.undecided |= aggregate is None and bool(versions) and all(v is not None and v > 1 for v in versions)

    def _is_later(self, event):
        return self.setup.as_of is not None and event.at is not None and event.at > self.setup.as_of

    # ---- order ----

    def _order(self, instance, events):
        """[(version, copies, the first in front)] in fold order."""
        if all(event.version is None for event in events):
            self.untold += any(event.eid is None for event in events)
            return self._by_place(events)
        first = self.setup.first.get(instance.build.name, 1)
        kept = []
        for event in events:
            if event.version is None or event.version < first:
                self.terms["events"] -= 1
                self.terms["malformed"] += 1
                self.damage.append(("malformed", event.object.name, event.place[1], instance.aggregate, instance.id,
                                    event.version))
            else:
                kept.append(event)
        return self._by_version(kept)

    def _by_version(self, events):
        groups = {}
        for event in sorted(events, key=lambda e: e.place):
            groups.setdefault(-1 if event.version is None else event.version, []).append(event)
        return sorted(groups.items())

    def _by_place(self, events):
        """Versionless: by (time, key, offset); copies told by their event id."""
        groups = {}
        for number, event in enumerate(sorted(events, key=lambda e: e.place)):
            groups.setdefault(("eid", event.eid) if event.eid is not None else number, []).append(event)
        heads = sorted(groups.values(), key=lambda copies: (copies[0].at or 0, copies[0].place))
        return [(place, copies) for place, copies in enumerate(heads, 1)]

    def _first(self, instance, groups):
        versionless = groups and groups[0][1][0].version is None
        return 1 if versionless else self.setup.first.get(instance.build.name, 1)

    def _select(self, instance, groups, expected):
        """How many versions take part: --as-of and --until end an instance. Counts gaps."""
        for number, (version, copies) in enumerate(groups):
            if self._is_later(copies[0]):
                return number
            if version != expected:
                self.gaps += 1
                if self.setup.until is not None:
                    return number
                self.damage.append(("gap", None, None, instance.aggregate, instance.id, expected))
            expected = version + 1
        return len(groups)

    def _take_version(self, instance, version, copies):
        instance.versions.append(version)
        self._settle_copies(instance, version, copies)
        if copies[0].type in self.setup.skip.get(instance.build.name, ()):
            self.terms["skipped"] += 1
            instance.skipped.append((version, copies[0]))
        else:
            instance.steps.append((version, copies[0]))

    def _settle_copies(self, instance, version, copies):
        for other in copies[1:]:
            if other.same_as(copies[0]):
                self.terms["duplicates"] += 1
            else:
                self.terms["conflicts"] += 1
                self.damage.append(("conflict", other.object.name, other.place[1], instance.aggregate, instance.id,
                                    version))

    def _settle(self, instance):
        """Each event of a step "counts in the first term that fits"."""
        fold = instance.fold
        self.terms["folded"] += fold.at
        left = len(instance.steps) - fold.at
        if fold.ending == "rejected":
            self.terms["unhandled" if fold.text.startswith("unhandled type ") else "rejected"] += 1
            left -= 1
        self.terms["unfolded"] += left
