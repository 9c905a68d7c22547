# SPDX-License-Identifier: MIT
"""The model of a comparison: each instance's class, the differences, the flags and the exit status
("What a run compares", "Exit status")."""

import collections
import functools

import pointers
from goldens import numbers, plain

CLASSES = ("instances", "events", "compared", "same", "changed", "unblessed", "missing", "uncompared", "cut_short",
           "rejected", "crashed", "hung", "impure", "ignored_only")
NOTHING = object()


def last_writer(instance, steps, paths):
    """(version, event) behind which one of these values became what it is, or None. What changed where a state is no JSON
    is laid to the next event behind which it is."""
    states = [instance.fold.state(number) for number in range(steps + 1)]
    for number in range(steps, 0, -1):
        after = states[number]
        before = next((state for state in reversed(states[:number]) if state is not None), None)
        if after is not None and any(pointers.get(before, path) != pointers.get(after, path) for path in paths):
            return instance.steps[number - 1]
    return None


class Verdict:
    def __init__(self):
        self.tallies = {}
        self.differences = {}  # (aggregate, id) -> Difference
        self.damage = []
        self.beyond = 0
        self.changed = self.damaged = self.nothing = False
        self.waived = collections.Counter()
        self.exit = None
        self.early = False  # it ends before anything is read, or cannot go on: no counts

    def tally(self, aggregate):
        return self.tallies.setdefault(aggregate, collections.Counter())


class Difference:
    def __init__(self, kind, version, cause=None, old=NOTHING, new=NOTHING, suspect=None):
        self.kind = kind
        self.version = version
        self.suspect = suspect  # (version, event) that was refused or fell; of a changed state a function of its paths
        self.cause = cause  # of "changed" only
        self.old = old  # the states of one that is changed
        self.new = new


class Judge:
    """@goldens  aggregate -> Golden; None: --no-compare"""

    def __init__(self, replay, goldens):
        self.replay = replay
        self.setup = replay.setup
        self.goldens = goldens
        self.verdict = Verdict()
        self.as_snapshot = 0  # compared, and no code made the state
        self._judge()

    def _judge(self):
        verdict = self.verdict
        if self.replay.error is not None or (self.goldens is not None and not self.goldens):
            verdict.early = True
            verdict.nothing = True
            verdict.exit = 2
            return
        for name in self.replay.claims:
            verdict.tally(name)
        for instance in self.replay.instances.values():
            self._take(instance)
        for golden in (self.goldens or {}).values():
            self._take_absent(golden)
            for _ in range(golden.damage):
                verdict.damage.append(("golden", None, None, golden.aggregate, None, None))
        verdict.damage += self.replay.damage
        self._conclude()

    # ---- classes ----

    def _line(self, instance):
        golden = (self.goldens or {}).get(instance.aggregate)
        return None if golden is None else golden.lines.get(instance.id)

    def _take(self, instance):
        tally = self.verdict.tally(instance.aggregate)
        fold = instance.fold
        line = self._line(instance)
        tally["instances"] += 1
        tally["events"] += fold.at
        if line is not None:
            self.verdict.beyond += sum(version > line.pin for version in instance.versions)
        refused = instance.refused
        stateless = self._stateless(instance, line)
        short = line is not None and instance.last_version < line.pin
        if fold.ending in ("crashed", "hung"):
            tally[fold.ending] += 1
            at = instance.steps[fold.at]
            self._differ(instance, Difference(fold.ending, at[0], suspect=at))
        elif refused is not None and (line is None or not line.rejected or line.pin != refused[0]):
            tally["rejected"] += 1
            self._differ(instance, Difference("rejected", refused[0], suspect=refused))
        elif stateless is not None and not short and (line is None or not line.rejected or line.pin != stateless):
            tally["rejected"] += 1
            last = instance.steps[self._steps(instance, line) - 1]
            self._differ(instance, Difference("rejected", stateless, suspect=last))
        elif line is None:
            self._take_unblessed(instance, tally)
        elif short:
            self._take_short(instance, tally)
        else:
            self._compare(instance, line, tally)

    def _steps(self, instance, line):
        """Behind how many steps it is compared."""
        at = instance.fold.at
        return at if line is None or self.setup.at_head else min(at, instance.steps_to(line.pin))

    def _stateless(self, instance, line):
        """The version at which its state is no JSON, where that is what would be compared, or blessed; or None."""
        fold = instance.fold
        steps = self._steps(instance, line)
        if fold.ending != "folded" or fold.state(steps) is not None:
            return None
        return instance.version_behind(steps)

    def _differ(self, instance, difference):
        self.verdict.differences[instance.aggregate, instance.id] = difference

    def _take_unblessed(self, instance, tally):
        if self.goldens is None:
            return
        tally["unblessed"] += 1
        golden = self.goldens.get(instance.aggregate)
        lost = golden is not None and golden.lost > 0  # whoever lacks a line may have lost it
        if lost or self.setup.require_golden or self.setup.policy.get("unblessed") == "error":
            self._differ(instance, Difference("unblessed", instance.folded_version))

    def _take_short(self, instance, tally):
        if self._may_lack_events(instance):
            tally["uncompared"] += 1
            return
        tally["cut_short"] += 1
        self.verdict.damage.append(("cut-short", None, None, instance.aggregate, instance.id, None))

    def _compare(self, instance, line, tally):
        fold = instance.fold
        head = self.setup.at_head
        steps = self._steps(instance, line)
        refused = instance.refused
        if self._is_before_the_first(instance, line, steps):
            tally["uncompared"] += 1
            return
        version = instance.version_behind(steps)
        ahead = head and version > line.pin
        old, new = line.state, numbers(fold.state(steps))
        if new is None and old is not None:
            new = NOTHING
        tally["compared"] += 1
        self.as_snapshot += self._is_of_start(instance, steps)
        digest = instance.digests[steps + 1 if refused is not None else steps]
        other_events = line.events is not None and digest != line.events
        ignored = False
        differs = NOTHING if old is None or new is NOTHING else plain(old) != plain(new)
        if differs is True:
            pointed = self.setup.ignores_of(instance.aggregate)
            differs = plain(pointers.without(old, pointed)) != plain(pointers.without(new, pointed))
            ignored = not differs
        if differs or self._other_refusal(instance, line) or (other_events and not ahead):
            tally["changed"] += 1
            cause = None if ahead else "data" if other_events else "code"
            self._differ(instance, Difference("changed", version if head else line.pin, cause,
                                              *((old, new) if differs is True else (NOTHING, NOTHING)),
                                              suspect=functools.partial(last_writer, instance, steps)))
            return
        tally["same"] += 1
        tally["ignored_only"] += ignored

    def _may_lack_events(self, instance):
        return self.replay.outside > 0 or instance.shortened

    def _is_before_the_first(self, instance, line, steps):
        """Whether the golden's version lies in front of the first event that the selection left, or of the snapshot."""
        if instance.refused is not None:
            return False
        if instance.start is not None:
            return line.pin < instance.start.covered
        return not line.rejected and steps == 0 and bool(instance.steps) and self._may_lack_events(instance)

    def _is_of_start(self, instance, steps):
        """Whether no event behind its snapshot has a part in what is compared."""
        start = instance.start
        return start is not None and steps == 0 and (instance.refused is None or start.refused is not None)

    def _other_refusal(self, instance, line):
        """Whether the golden's refusal is not the one that was found. (One that only was found is "rejected".)"""
        if not line.rejected:
            return False
        if instance.refused is None:
            return True
        return line.rejected["message"] != instance.fold.text or \
            line.rejected["type"] != instance.refused[1].type or line.version != instance.folded_version

    def _take_absent(self, golden):
        verdict = self.verdict
        tally = verdict.tally(golden.aggregate)
        claimed = self.replay._build(golden.aggregate) is not None
        for line in golden.lines.values():
            key = (golden.aggregate, line.id)
            if key in self.replay.instances:
                continue
            unasked = self.setup.ids is not None and line.id not in self.setup.ids
            if not claimed or unasked or self.replay.outside > 0 or key in self.replay.left_out:
                tally["uncompared"] += 1
            else:
                tally["missing"] += 1
                verdict.differences[key] = Difference("missing", line.pin)

    # ---- the whole ----

    def _conclude(self):
        verdict = self.verdict
        judged = sum(tally[name] for tally in verdict.tallies.values()
                     for name in ("compared", "missing", "rejected", "crashed", "hung"))
        for kind, *_ in verdict.damage:
            if self.setup.waives(kind):
                verdict.waived[kind] += 1
            else:
                verdict.damaged = True
        if self.replay.terms["unclaimed"] and self.setup.policy.get("unclaimed") == "error":
            verdict.damaged = True
        verdict.changed = bool(verdict.differences)
        verdict.nothing = not self.replay.instances or (
            self.goldens is not None and judged == self.as_snapshot)
        verdict.exit = 3 if verdict.damaged else 2 if verdict.nothing else 1 if verdict.changed else 0
