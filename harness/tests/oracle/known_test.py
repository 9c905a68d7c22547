# SPDX-License-Identifier: MIT
"""known-damage.json: what is accepted is exactly what is there. A history with damage of every kind, an independent
computation of its entries, and of what becomes of each when the damage changes by a little."""

import gzip
import hashlib
import json
import os
import random
import shutil

from hostile_test import check_schema
from shard_test import check_equal
from support import (
    aggregate, canonical, check_sums, expect, expect_status, in_full, lines_of, objects, part_of, read_bytes, refold,
    sampled, Scratch, without_timing, write_bytes)

DAY = "2026/07/01/00/"
TIMES = 3  # of each kind of damage


def at(version):
    return "2026-07-01T00:00:%02dZ" % version


def event(identity, version, blob="b", kind="FileModified"):
    return {"aggregateType": "file", "aggregateId": identity, "version": version,
            "type": "FileAdded" if version == 1 else kind, "at": at(version or 0),
            "data": {"blob": blob, "mode": "100644", "commit": "c%d" % (version or 0)}}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def event_sha(value):
    """By the contract: SHA-256 of [type, time, data], canonical."""
    return sha(canonical([value["type"], value["at"], value["data"]]).encode("utf-8"))


def packed(records):
    return gzip.compress(lines_of(records), mtime=0)


class History:
    """Objects by their keys; the first in the order of keys is the one that is folded."""

    def __init__(self):
        self.objects = {}
        for i in range(TIMES):
            self.put("gap-%d" % i, [event("gap-%d" % i, v) for v in (1, 2, 5, 6, 7, 8)])
            self.put("conflict-%d-1" % i, [event("conflict-%d" % i, v) for v in (1, 2, 3)])
            self.put("conflict-%d-2" % i, [event("conflict-%d" % i, 2, "other")])
            unversioned = event("malformed-%d" % i, None)
            del unversioned["version"]
            unversioned["at"] = at(9)
            self.put("malformed-%d" % i, [event("malformed-%d" % i, v) for v in (1, 2)] + [unversioned])
            self.put("below-%d" % i, [event("below-%d" % i, v) for v in (1, 2, 0)])
            self.put("cut-%d" % i, [event("cut-%d" % i, v) for v in (1, 2)])
            self.whole_cut(i)
            self.objects[self.key("cut-%d-end.gz" % i)] = self.objects[self.key("cut-%d-end.gz" % i)][:-20]
            self.put("flip-%d" % i, [event("flip-%d" % i, v) for v in (1, 2)])
            self.flip(i, 0x10)
            self.records(i, [event("record-%d" % i, 1), {"no": "event"}, event("record-%d" % i, 2)])
            self.objects["processing-failed/" + DAY + "error-%d" % i] = b"failed %d\n" % i
        self.put("sound", [event("sound-%d" % n, v) for n in range(20) for v in (1, 2, 3)])

    @staticmethod
    def key(name):
        return DAY + name

    def put(self, name, records):
        self.objects[self.key(name + ".gz")] = packed(records)

    def whole_cut(self, i):
        self.put("cut-%d-end" % i, [event("cut-%d" % i, v) for v in (3, 4)])

    def flip(self, i, bit):
        data = bytearray(packed([event("flip-%d" % i, v) for v in (3, 4)]))
        data[-6] ^= bit  # in the checksum: the whole of it is read
        self.objects[self.key("flip-%d-end.gz" % i)] = bytes(data)

    def records(self, i, values):
        self.objects[self.key("record-%d.json" % i)] = lines_of(values)

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for key, data in self.objects.items():
            write_bytes(os.path.join(folder, key), data)


def entries_of(history, offsets):
    """The entries that stand for the damage of a history as it is made. `offsets`: where reading ended, which only
    who reads can know: object -> byte."""
    found = []
    for i in range(TIMES):
        aggregate_and = {"aggregate": "file"}
        found.append(dict(aggregate_and, id="gap-%d" % i, kind="gap", version=3, to=4))
        name = "conflict-%d" % i
        found.append(dict(aggregate_and, id=name, kind="conflict", version=2, folded=event_sha(event(name, 2)),
                          dropped=event_sha(event(name, 2, "other"))))
        name = "malformed-%d" % i
        lost = dict(event(name, None), at=at(9))
        found.append(dict(aggregate_and, id=name, kind="malformed", event=event_sha(lost)))
        name = "below-%d" % i
        found.append(dict(aggregate_and, id=name, kind="malformed", version=0, event=event_sha(event(name, 0))))
        for kind, key in (("truncated", "cut-%d-end.gz"), ("unreadable", "flip-%d-end.gz")):
            key = history.key(key % i)
            entry = dict(kind=kind, object=key, digest=sha(history.objects[key]))
            if key in offsets:
                entry["offset"] = offsets[key]
            found.append(entry)
        key = history.key("record-%d.json" % i)
        found.append(dict(kind="malformed", object=key, digest=sha(history.objects[key]),
                          offset=len(lines_of([event("record-%d" % i, 1)])), bytes=len(canonical({"no": "event"}))))
        key = "processing-failed/" + DAY + "error-%d" % i
        found.append(dict(kind="errors", object=key, digest=sha(history.objects[key])))
    return sorted(map(canonical, found))


# ---- what may change, and what becomes of it: (new findings, findings that stay known, state of the entry) ----------


def widen_gap(h, i):
    h.put("gap-%d" % i, [event("gap-%d" % i, v) for v in (1, 2, 6, 7, 8)])
    return 1, 0, "gone"


def second_gap(h, i):
    h.put("gap-%d" % i, [event("gap-%d" % i, v) for v in (1, 2, 5, 6, 8)])
    return 1, 1, "fits"


def narrow_gap(h, i):
    h.put("gap-%d" % i, [event("gap-%d" % i, v) for v in (1, 2, 3, 5, 6, 7, 8)])
    return 1, 0, "gone"


def close_gap(h, i):
    h.put("gap-%d" % i, [event("gap-%d" % i, v) for v in range(1, 9)])
    return 0, 0, "gone"


def other_dropped(h, i):
    h.put("conflict-%d-2" % i, [event("conflict-%d" % i, 2, "another")])
    return 1, 0, "gone"


def other_folded(h, i):
    h.put("conflict-%d-1" % i, [event("conflict-%d" % i, 1), event("conflict-%d" % i, 2, "another"),
                                event("conflict-%d" % i, 3)])
    return 1, 0, "gone"


def other_type(h, i):
    h.put("conflict-%d-2" % i, [event("conflict-%d" % i, 2, "other", "FileModeChanged")])
    return 1, 0, "gone"


def third_side(h, i):
    h.put("conflict-%d-3" % i, [event("conflict-%d" % i, 2, "third")])
    return 1, 1, "fits"


def dropped_twice(h, i):
    h.put("conflict-%d-3" % i, [event("conflict-%d" % i, 2, "other")])
    return 2, 0, "more"


def second_conflict(h, i):
    h.put("conflict-%d-3" % i, [event("conflict-%d" % i, 3, "other")])
    return 1, 1, "fits"


def sides_change_places(h, i):
    h.objects[h.key("conflict-%d-0.gz" % i)] = h.objects.pop(h.key("conflict-%d-2.gz" % i))
    return 1, 0, "gone"


def no_conflict(h, i):
    del h.objects[h.key("conflict-%d-2.gz" % i)]
    return 0, 0, "gone"


def other_malformed(h, i):
    name = "below-%d" % i
    h.put(name, [event(name, 1), event(name, 2), event(name, 0, "another")])
    return 1, 0, "gone"


def cut_more(h, i):
    key = h.key("cut-%d-end.gz" % i)
    h.objects[key] = h.objects[key][:-1]
    return 1, 0, "gone"


def cut_healed(h, i):
    h.whole_cut(i)
    return 0, 0, "gone"


def cut_renamed(h, i):
    h.objects[h.key("cut-%d-fin.gz" % i)] = h.objects.pop(h.key("cut-%d-end.gz" % i))
    return 1, 0, "gone"


def cut_object_gone(h, i):
    del h.objects[h.key("cut-%d-end.gz" % i)]
    return 0, 0, "gone"


def other_bit(h, i):
    h.flip(i, 0x20)
    return 1, 0, "gone"


def record_grows(h, i):
    h.records(i, [event("record-%d" % i, 1), {"no": "event"}, event("record-%d" % i, 2), event("record-%d" % i, 3)])
    return 1, 0, "gone"


def second_record(h, i):
    h.records(i, [event("record-%d" % i, 1), {"no": "event"}, event("record-%d" % i, 2), {"no": "event"}])
    return 2, 0, "gone"


def other_error(h, i):
    h.objects["processing-failed/" + DAY + "error-%d" % i] += b"more\n"
    return 1, 0, "gone"


# By the id or object that they are about: two of one group would meddle with each other.
CHANGES = {
    "gap": (widen_gap, second_gap, narrow_gap, close_gap),
    "conflict": (other_dropped, other_folded, other_type, third_side, dropped_twice, second_conflict,
                 sides_change_places, no_conflict),
    "below": (other_malformed,),
    "cut": (cut_more, cut_healed, cut_renamed, cut_object_gone),
    "flip": (other_bit,),
    "record": (record_grows, second_record),
    "error": (other_error,),
}
KINDS = 8  # entries for each of TIMES


def accept(scratch, history, *more):
    folder, golden = os.path.join(scratch, "h"), os.path.join(scratch, "golden")
    history.write(folder)
    result = refold("bless", "-a", aggregate("file"), "-g", golden, folder, "--accept-damage", "the outage of July",
                    "-r", "json", *more)
    expect_status(result, 0, "bless")
    return folder, golden, result.report


def read_entries(golden):
    with open(os.path.join(golden, "known-damage.json"), encoding="utf-8") as f:
        return json.load(f)


def test_the_entries_are_those_that_another_program_computes():
    with Scratch() as scratch:
        history = History()
        folder, golden, report = accept(scratch, history)
        offsets = {d["object"]: d["offset"] for d in report["damage"]
                   if d["kind"] in ("truncated", "unreadable") and "offset" in d}
        written = read_entries(golden)
        expect(written["format"], 1, "format")
        check_schema("known-damage.schema.json", {"the file": written})
        reasons = {e.pop("reason") for e in written["damage"]}
        expect(reasons, {"the outage of July"}, "reasons")
        expect(sorted(map(canonical, written["damage"])), entries_of(history, offsets), "entries")
        # One a line, canonical: whoever writes it anew writes the same.
        lines = read_bytes(os.path.join(golden, "known-damage.json")).decode().split("\n")
        expect([canonical(json.loads(line.rstrip(","))) for line in lines[1:-2]],
               [line.rstrip(",") for line in lines[1:-2]], "lines")
        before = {p: read_bytes(p) for p in objects(golden)}
        expect_status(refold("bless", "-a", aggregate("file"), "-g", golden, folder), 0, "a bless over known damage")
        accept(scratch, history)
        expect({p: read_bytes(p) for p in objects(golden)}, before, "blessed again")


def check(report, model, what):
    """model: the state of each entry that changed, counts of new and of known findings"""
    check_sums(report, what)
    states = {}
    for item in report["known_damage"]:
        states[item["state"]] = states.get(item["state"], 0) + 1
    expect(states, model["states"], what + ": states")
    expect(report["damage_total"] - report.get("damage_known", 0), model["new"], what + ": new")
    expect(report.get("damage_known", 0), model["known"], what + ": known")
    expect(sum(d["known"] for d in report["damage"]), model["known"], what + ": listed as known")
    expect(report["damaged"], model["new"] > 0, what + ": damaged")


def apply(history, chosen):
    model = {"new": 0, "known": KINDS * TIMES - len(chosen), "states": {"fits": KINDS * TIMES - len(chosen)}}
    for change, i in chosen:
        new, known, state = change(history, i)
        model["new"] += new
        model["known"] += known
        model["states"][state] = model["states"].get(state, 0) + 1
    model["states"] = {k: v for k, v in model["states"].items() if v}
    return model


@sampled
def test_each_change_of_damage_is_seen():
    with Scratch() as scratch:
        folder, golden, _ = accept(scratch, History())
        result = refold("run", "-r", "json", "-a", aggregate("file"), "-g", golden, folder)
        expect_status(result, 0, "all of it is known")
        check(result.report, apply(History(), []), "nothing changed")
        reports = {"nothing changed": result.report}
        for group, changes in CHANGES.items():
            for change in part_of(changes, 2):
                history = History()
                model = apply(history, [(change, 1)])
                history.write(folder)
                what = "%s of %s" % (change.__name__, group)
                result = refold("run", "-r", "json", "-a", aggregate("file"), "-g", golden, folder)
                check(result.report, model, what)
                expect(result.status == 3, model["new"] > 0, what + ": status %d" % result.status)
                reports[what] = result.report
                # Nothing but the damage that is new keeps a bless from writing.
                files = {p: read_bytes(p) for p in objects(golden)}
                expect_status(refold("bless", "--dry-run", "-a", aggregate("file"), "-g", golden, folder),
                              3 if model["new"] else 0, what + ": bless")
                expect({p: read_bytes(p) for p in objects(golden)}, files, what + ": files")
        check_schema("report.schema.json", reports)


@sampled
def test_changes_of_all_kinds_at_once():
    rng = random.Random(5)
    with Scratch() as scratch:
        for seed in range(12 if in_full() else 4):
            folder, golden, _ = accept(scratch, History())
            history = History()
            chosen = [(rng.choice(changes), i) for changes in CHANGES.values() for i in range(TIMES)
                      if rng.random() < 0.3]
            model = apply(history, chosen)
            history.write(folder)
            what = "seed %d: %s" % (seed, [(c.__name__, i) for c, i in chosen])
            arguments = ("-a", aggregate("file"), "-g", golden)
            result = refold("run", "-r", "json", "-j", 1 + seed % 3, *arguments, folder)
            check(result.report, model, what)
            pack = os.path.join(scratch, "h.pack")
            expect_status(refold("pack", "-q", "-o", pack, folder), 3, what + ": pack")
            packed_run = refold("run", "-r", "json", *arguments, pack)
            ours, others = without_timing(result.report), without_timing(packed_run.report)
            expect({k: v for k, v in others.items() if v != ours.get(k)}, {}, what + ": of a pack")
            os.unlink(pack)
            # Accepted anew, it is known again: and exactly that is in the file.
            accept(scratch, history)
            expect_status(refold("run", *arguments, folder), 0, what + ": accepted anew")
            shutil.rmtree(golden)


@sampled
def test_shards_agree():
    with Scratch() as scratch:
        folder, golden, _ = accept(scratch, History(), "--last-day", "2099-12-31")
        arguments = ("-a", aggregate("file"), "-g", golden, folder)
        report = check_equal(scratch, arguments, parts=(1, 3), status=0)
        expect(report["damage_known"], KINDS * TIMES, "known")
        history = History()
        model = apply(history, [(second_gap, 0), (dropped_twice, 1), (cut_more, 2), (other_error, 0), (close_gap, 2),
                                (second_record, 1)])
        history.write(folder)
        report = check_equal(scratch, arguments, parts=(3,), status=3)
        check(report, model, "changed")
        check_equal(scratch, ("--today", "2100-01-01") + arguments, parts=(2,), formats=("text", "json"), status=3)
        check_equal(scratch, ("--id", "gap-0", "--id", "gap-1", "--id", "conflict-0") + arguments, parts=(2,),
                    formats=("text", "json"), status=3)


def test_what_a_selection_leaves_out_is_not_gone():
    with Scratch() as scratch:
        history = History()
        for i in range(TIMES):  # an hour later
            for name in ("cut-%d-end.gz", "record-%d.json"):
                key = history.key(name % i)
                history.objects[key.replace("/00/", "/05/")] = history.objects.pop(key)
        folder, golden, _ = accept(scratch, history)
        arguments = ("-r", "json", "-a", aggregate("file"), "-g", golden, folder)

        def states(*more):
            result = refold("run", *more, *arguments)
            expect_status(result, 0, " ".join(more))
            expect("gone" in {i["state"] for i in result.report["known_damage"]}, False, " ".join(more))
            return sum(i["state"] == "unseen" for i in result.report["known_damage"])
        expect(states(), 0, "all")
        # Objects behind the hour; gaps, which may only be late; conflicts stay.
        expect(states("--until", "2026-07-01T05"), 3 * TIMES, "--until")
        # Of instances only those that are asked for.
        expect(states("--id", "gap-0"), 4 * TIMES - 1, "--id")


def test_damage_of_a_snapshot():
    """--from: events that are not those that the snapshot was made of."""
    with Scratch() as scratch:
        folder, golden = os.path.join(scratch, "h"), os.path.join(scratch, "golden")
        first, second = "2026/07/01/00/x.gz", "2026/07/02/00/x.gz"
        write_bytes(os.path.join(folder, first), packed([event("a", v) for v in (1, 2)]))
        write_bytes(os.path.join(folder, second), packed([event("a", 3)]))
        close = os.path.join(scratch, "close")
        expect_status(refold("bless", "-a", aggregate("file"), "-g", close, "--until", "2026-07-02", folder), 0, "close")
        write_bytes(os.path.join(folder, first), packed([event("a", 1), event("a", 2, "another")]))
        arguments = ("-a", aggregate("file"), "-g", golden, "--from", close, folder)
        expect_status(refold("bless", *arguments), 3, "other events than the snapshot's")
        expect_status(refold("bless", "--accept-damage", "it was so", *arguments), 0, "accepted")
        entries = read_entries(golden)["damage"]
        check_schema("known-damage.schema.json", {"the file": {"format": 1, "damage": entries}})
        expect([sorted(e) for e in entries],
               [["aggregate", "found", "id", "kind", "reason", "snapshot", "version"]], "members")
        expect_status(refold("run", *arguments), 0, "known")
        write_bytes(os.path.join(folder, first), packed([event("a", 1), event("a", 2, "yet another")]))
        expect_status(refold("run", *arguments), 3, "other events again")


def test_a_digest_goldens_second_look_meets_nothing_twice():
    """A shard that differs is folded again: what is known there was met before."""
    with Scratch() as scratch:
        folder, golden, _ = accept(scratch, History(), "--digest")
        history = History()
        history.put("gap-0", [event("gap-0", 1), event("gap-0", 2, "another")] + [event("gap-0", v) for v in (5, 6, 7, 8)])
        history.write(folder)
        result = refold("run", "-r", "json", "-a", aggregate("file"), "-g", golden, folder)
        expect_status(result, 1, "one is changed")
        check(result.report, apply(History(), []), "one is changed")
        expect([d["id"] for d in result.report["differences"]], ["gap-0"], "which")
