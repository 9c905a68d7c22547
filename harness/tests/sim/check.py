# SPDX-License-Identifier: MIT
"""What refold reported, against what the model knows. Returns what differs, as sentences."""

import collections

import pointers
from goldens import plain
from jsontext import read_whole
from judge import CLASSES, NOTHING

TERMS = ("objects", "read", "unreadable", "foreign", "records", "expanded", "events", "malformed", "empty", "withdrawn",
         "unselected", "unclaimed", "duplicates", "conflicts", "skipped", "unhandled", "rejected", "unfolded", "covered",
         "folded")
#: what a deflate stream that is broken in its middle gives away is not known
LOOSE = ("records", "expanded", "events", "malformed", "empty", "withdrawn")
FLAGS = ("changed", "damaged", "nothing")
LISTED = 200  # changes of one difference


class Check:
    def __init__(self, replay, verdict):
        self.replay = replay
        self.verdict = verdict
        self.wrong = []

    def expect(self, got, wanted, what):
        if got != wanted:
            self.wrong.append("%s: refold says %r, the model %r" % (what, got, wanted))

    def is_unsure(self):
        """Whether parts of a stream that is broken in its middle are kept: how much, no one can say."""
        return self.replay.loose and self.replay.setup.keep_partial

    def report(self, status, text):
        """@text  the JSON report, as bytes"""
        self.expect(status, self.verdict.exit, "exit status")
        if self.verdict.early:
            return self.wrong
        try:
            report = read_whole(text.decode("utf-8"))
        except ValueError as error:
            self.wrong.append("no JSON report: %s" % error)
            return self.wrong
        self.sums(report["history"])
        if self.is_unsure():
            self.expect(report["damaged"], True, "the flag damaged")
            return self.wrong
        self._flags(report)
        self._history(report["history"])
        self._tallies(report["aggregates"])
        self._differences(report)
        self._damage(report)
        return self.wrong

    def sums(self, history):
        """By this program's own addition."""
        h = {name: int(history[name]) for name in TERMS}
        self.expect(h["objects"], h["read"] + h["unreadable"] + h["foreign"], "the sum of objects")
        self.expect(h["records"] + h["expanded"], h["events"] + h["malformed"] + h["empty"], "the sum of records")
        self.expect(h["events"], sum(h[name] for name in TERMS[TERMS.index("withdrawn"):]), "the sum of events")

    def _flags(self, report):
        self.expect(int(report["exit"]), self.verdict.exit, "exit")
        for name in FLAGS:
            self.expect(report[name], getattr(self.verdict, name), "the flag " + name)
        for name in ("incomplete", "unwritten", "internal"):
            self.expect(report[name], False, "the flag " + name)
        no_compare = self.replay.setup.no_compare
        wanted = {0: "uncompared" if no_compare else "same", 1: "changed", 2: "uncompared", 3: "damaged"}
        self.expect(report["verdict"], wanted[self.verdict.exit], "verdict")

    def terms(self, history):
        for name in TERMS:
            if not (self.replay.loose and name in LOOSE):
                self.expect(int(history[name]), self.replay.terms[name], name)

    def _history(self, history):
        self.terms(history)
        self.expect(int(history["beyond"]), self.verdict.beyond, "beyond")
        self.expect(int(history["gaps"]), self.replay.gaps, "gaps")
        if not self.replay.loose and not getattr(self.replay, "kept", None):
            self.expect(int(history["odd_names"]), self.replay.odd_names, "odd names")
            self.expect({k: int(v) for k, v in history["envelopes"].items()}, dict(self.replay.envelopes), "envelopes")
            self.expect({k: int(v) for k, v in history["waived"].items()}, dict(self.verdict.waived), "waived")

    def _tallies(self, aggregates):
        got = {one["name"]: one for one in aggregates}
        for name in set(got) | set(self.verdict.tallies):
            wanted = self.verdict.tallies.get(name, {})
            for kind in CLASSES:
                found = int(got[name][kind]) if name in got else 0
                self.expect(found, wanted.get(kind, 0), "%s of %s" % (kind, name))

    def _differences(self, report):
        self.expect(int(report["differences_total"]), len(self.verdict.differences), "differences_total")
        got = {(d["aggregate"], d["id"]): d for d in report["differences"]}
        self.expect(len(got), len(report["differences"]), "differences of one instance")
        self.expect(sorted(got), sorted(self.verdict.differences), "who differs")
        for key in set(got) & set(self.verdict.differences):
            self._difference(key, got[key], self.verdict.differences[key])
        clusters = collections.Counter()
        for cluster in report["clusters"]:
            clusters[cluster["aggregate"], cluster["kind"]] += int(cluster["count"])
        wanted = collections.Counter((aggregate, d.kind) for (aggregate, _), d in self.verdict.differences.items())
        self.expect(clusters, wanted, "clusters by aggregate and kind")

    def _difference(self, key, got, wanted):
        self.expect(got["kind"], wanted.kind, "kind of %r" % (key,))
        self.expect(int(got["version"]), wanted.version, "version of %r" % (key,))
        if wanted.kind in ("crashed", "hung", "rejected"):
            self._suspect(key, got, wanted.suspect)
        if wanted.kind != "changed":
            return
        self.expect(got.get("cause"), wanted.cause, "cause of %r" % (key,))
        if wanted.old is NOTHING:
            return
        pointed = self.replay.setup.ignores_of(key[0])
        old, new = (pointers.without(state, pointed) for state in (wanted.old, wanted.new))
        if len(got["changes"]) < LISTED:
            try:
                patched = pointers.without(pointers.patch(old, got["changes"]), pointed)
                self.expect(plain(patched), plain(new), "patched golden of %r" % (key,))
            except (KeyError, TypeError) as error:
                self.wrong.append("the changes of %r do not fit the golden: %r" % (key, error))
                return
            self._suspect(key, got, wanted.suspect([change["path"] for change in got["changes"]]))

    def _suspect(self, key, got, wanted):
        """Which event is to blame, and where it lies."""
        found = got.get("suspect")
        shown = found and (int(found["version"]), found["type"], found["object"], int(found["offset"]))
        if wanted is not None:
            version, event = wanted
            # Of one that was refused when the snapshot was made nothing more is known.
            known = hasattr(event, "object")
            wanted = (version, event.type, event.object.name, event.place[1]) if known else None
            if known and shown and event.place[0] < 0:  # read where it was kept; at which line is not modelled
                wanted = (version, event.type, "close/%s.pending.ndjson" % key[0], shown[3])
        self.expect(shown, wanted, "the suspect of %r" % (key,))

    def _damage(self, report):
        got = collections.Counter(_entry(entry) for entry in report["damage"])
        wanted = collections.Counter(self.verdict.damage)
        if self.replay.loose:
            loose = {one.name for one in self.replay.objects if one.loose}
            got = _without_malformed_of(got, loose)
            wanted = _without_malformed_of(wanted, loose)
        else:
            self.expect(int(report["damage_total"]), len(self.verdict.damage), "damage_total")
        missed, extra = wanted - got, got - wanted
        if missed or extra:
            self.wrong.append("damage: refold alone tells %r, the model alone %r" % (list(extra), list(missed)))


def _entry(entry):
    """(kind, object, offset, aggregate, id, version), as far as the model knows these."""
    kind = entry["kind"]
    if kind == "golden":
        return kind, None, None, entry["aggregate"], None, None
    if kind in ("unreadable", "truncated"):
        return "unreadable", entry["object"], None, None, None, None
    version = None if kind == "cut-short" or "version" not in entry else int(entry["version"])
    offset = int(entry["offset"]) if kind in ("malformed", "conflict") and "offset" in entry else None
    return kind, entry.get("object"), offset, entry.get("aggregate"), entry.get("id"), version


def _without_malformed_of(entries, names):
    return collections.Counter({e: n for e, n in entries.items() if e[0] != "malformed" or e[1] not in names})
