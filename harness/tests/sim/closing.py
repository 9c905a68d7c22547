# SPDX-License-Identifier: MIT
"""The model of a replay that goes on from a snapshot ("Start from a snapshot"), and such a case put before refold."""

import os

import goldens
import hashes
import keys
from aggregates import Fold
from judge import Judge
from replay import Instance, Replay, are_several
from trial import Trial


class Refusal:
    """The event that was refused when the snapshot was made: all that is known of it is its type."""

    def __init__(self, kind):
        self.type = kind


class Start:
    """What an instance goes on from: its line in the closed golden."""

    def __init__(self, instance):
        line = goldens.line_of(instance)
        self.version = line["version"]
        self.digest = int(line["events"], 16)
        self.state = instance.fold.states[instance.fold.at]
        self.refused = None
        self.text = instance.fold.text
        if instance.refused is not None:
            self.refused = (instance.refused[0], Refusal(instance.refused[1].type))
        self.covered = self.refused[0] if self.refused else self.version


def pending_of(blessed):
    """The events in front of the hour that no line holds, as they are kept beside the golden."""
    found = []
    for groups in blessed.behind.values():
        found += [event for _, copies in groups for event in copies]
    for instance in blessed.instances.values():
        covered = Start(instance).covered
        found += [event for version, event in instance.steps + instance.skipped if version > covered]
    return found


class ReplayFrom(Replay):
    """@closed  the Replay that was blessed with --until; @since  whether only what came behind that hour is read"""

    goes_on = True

    def __init__(self, files, setup, closed, since):
        self.starts = {place: Start(instance) for place, instance in closed.instances.items()}
        self.whole = not since
        self.unverified = 0
        self.met = set()
        self.many = are_several(files)
        if since:
            hour = closed.setup.until
            files = {(s, key): data for (s, key), data in files.items() if keys.hour_of(key, setup.layout) >= hour}
        self.kept = pending_of(closed) if since else []
        super().__init__(files, setup)
        if since and closed.undecided:
            self.error = "not closed"
        if since and any(self._rules(setup, build) != self._rules(closed.setup, build)
                         for build in self.claims.values()):
            self.error = "other rules"
        if self.error is None:
            for place in set(self.starts) - self.met:
                self._take_idle(*place)

    @staticmethod
    def _rules(setup, build):
        return setup.first.get(build.name, 1), set(setup.skip.get(build.name, ()))

    def _count_objects(self):
        super()._count_objects()
        names = {event.aggregate for event in self.kept}
        self.terms["objects"] += len(names)
        self.terms["read"] += len(names)
        self.terms["records"] += len(self.kept)
        self.terms["events"] += len(self.kept)

    def _events_by_id(self):
        found = super()._events_by_id()
        for event in self.kept:
            found.setdefault(event.id, []).insert(0, event)
            event.place = (-1,) + event.place[1:]
        return found

    def _started(self, identity):
        return set() if self.whole else {name for name, held in self.starts if held == identity}

    def _is_skipped(self, instance, event):
        return event.type in self.setup.skip.get(instance.build.name, ())

    def _take(self, aggregate, identity, events):
        start = self.starts.get((aggregate, identity))
        build = self._build(aggregate) if aggregate is not None else None
        if build is not None and all(event.version is None for event in events):
            self.error = "versionless"
            return None
        if start is None or build is None:
            return super()._take(aggregate, identity, events)
        self.met.add((aggregate, identity))
        instance = Instance(aggregate, identity, build)
        instance.start = start
        groups = self._order(instance, events)
        covered = [group for group in groups if group[0] <= start.covered]
        self._cover(instance, covered)
        behind = groups[len(covered):]
        selected = self._select(instance, behind, start.covered + 1)
        instance.shortened = selected < len(behind)
        self.terms["unselected"] += sum(len(copies) for _, copies in behind[selected:])
        for version, copies in behind[:selected]:
            self._take_version(instance, version, copies)
        self._go_on(instance)
        return instance

    def _cover(self, instance, groups):
        """The snapshot keeps no event: only the digest of all of them tells if they are the same."""
        digest = events = 0
        expected = self._first(instance, groups)
        unbroken = True
        for version, copies in groups:
            if self.whole and version != expected:
                self.gaps += 1
                self.damage.append(("gap", None, None, instance.aggregate, instance.id, expected))
            self._settle_copies(instance, version, copies)
            unbroken = unbroken and version == expected
            expected = version + 1
            if self._is_skipped(instance, copies[0]):
                self.terms["skipped"] += 1
                continue
            self.terms["covered"] += 1
            one = copies[0]
            digest = hashes.next_digest(digest, version, one.at, one.type, one.data_hash())
            events += 1
        start = instance.start
        if digest == start.digest or not (self.whole or events):
            return
        if self.whole or (unbroken and expected > start.covered):
            self._not_covered(instance, "conflict" if events else "cut-short")
        else:
            self.unverified += events

    def _not_covered(self, instance, kind):
        self.damage.append((kind, None, None, instance.aggregate, instance.id,
                            instance.start.covered if kind == "conflict" else None))

    def _go_on(self, instance):
        start = instance.start
        instance.digests = [start.digest]
        if start.refused is not None:
            instance.fold = Fold(instance.build, [], start.state)
            instance.fold.ending, instance.fold.text = "rejected", start.text
            instance.digests.append(start.digest)
            self.terms["unfolded"] += len(instance.steps)
        else:
            instance.fold = Fold(instance.build, [event for _, event in instance.steps], start.state)
            instance.chain()
            self._settle(instance)
        self.instances[instance.aggregate, instance.id] = instance

    def _take_idle(self, aggregate, identity):
        build = self._build(aggregate)
        if build is None or (self.setup.ids is not None and identity not in self.setup.ids):
            return
        instance = Instance(aggregate, identity, build)
        instance.start = self.starts[aggregate, identity]
        if self.whole:
            self._cover(instance, [])
        self._go_on(instance)

    @property
    def idle(self):
        """No event came to any aggregate."""
        return not any(self.terms[name] for name in ("folded", "rejected", "unhandled", "unfolded"))


class ClosingTrial(Trial):
    """`golden` is compared with; `base` (files, setup) is closed first, and gone on from.

    how: "from", or "since" where only what came behind the closed hour is read"""
    PARTS = Trial.PARTS + ("base",)

    def __init__(self, files, golden, setup, packed_golden=False, how="from", base=None):
        super().__init__(files, golden, setup, packed_golden, how)
        self.base = base

    def expect(self):
        files, setup = self.base
        closed = Replay(files, setup)
        replay = ReplayFrom(self.files, self.setup, closed, self.how == "since")
        verdict = Judge(replay, self.read_goldens()).verdict
        fallen = any(tally["crashed"] or tally["hung"] for tally in verdict.tallies.values())
        if not verdict.early and replay.idle and not fallen:
            verdict.nothing = True
            verdict.exit = 3 if verdict.damaged else 2
        self.closed = goldens.lines_of(closed)
        return replay, verdict

    def write(self, folder):
        super().write(folder)
        files, setup = self.base
        plain = Trial(files, {}, setup)
        plain.write(os.path.join(folder, "base"))
        status, _ = self.call(os.path.join(folder, "base"), "bless", "-q", "-g", "../close", *plain.options(),
                              *plain.sources())
        if status != 0:
            raise AssertionError("the bless of a close ends with %d: %s" % (status, self.stderr))
        for name, lines in self.closed.items():
            with open(os.path.join(folder, "close", name + ".ndjson"), "rb") as f:
                if f.read() != goldens.text_of(lines):
                    self.unsteady = ["the closed golden of %s is not what the model closes" % name]

    def options(self):
        since = ["--since", self.base[1].until_text] if self.how == "since" else []
        return super().options() + ["--from", "close"] + since
