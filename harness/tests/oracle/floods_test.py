# SPDX-License-Identifier: MIT
"""Events in bulk and out of order: copies, conflicts, gaps, shuffled and late ones are counted exactly; ids whose hashes
are all the same, and one instance of a million events, cost no more than others."""

import json
import os
import random

from bombs_test import Measured
from support import aggregate, all_cases, cases, check_sums, expect, expect_status, fault, lines_of, plugin, read_golden, refold, \
    run_json, Scratch, slow, total, write_bytes

CASE = aggregate("case")


def event(identity, version, kind="t", day=1):
    return {"aggregateType": "case", "aggregateId": identity, "version": version, "type": kind,
            "at": "2020-01-%02dT00:00:%02dZ" % (day, version % 60), "data": {"n": version}}


def write_history(folder, values, objects=6, day=1):
    for number in range(objects):
        write_bytes(os.path.join(folder, "2020/01/%02d/%02d/x" % (day, number)), lines_of(values[number::objects]))


def history(instances=40, versions=10):
    return [event("i%d" % i, v) for i in range(instances) for v in range(1, versions + 1)]


@fault(25)
def test_copies_conflicts_gaps_and_order_are_counted_exactly():
    values = history()
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        write_history(os.path.join(scratch, "whole"), values)
        expect_status(refold("bless", "-q", "-a", CASE, "-g", golden, os.path.join(scratch, "whole")), 0, "bless")

        def check(what, made, status, late=(), **counts):
            folder = os.path.join(scratch, what)
            write_history(folder, made)
            if late:
                write_history(folder, list(late), 2, day=31)
            result = run_json("-a", CASE, "-g", golden, folder)
            expect_status(result, status, what)
            check_sums(result.report, what)
            got = {name: result.report["history"][name] for name in counts}
            expect(got, counts, what)
            if status == 0:
                expect(total(result.report, "same"), 40, what)
            cases(25, 1)

        for percent in (1, 10, 100):
            rng = random.Random(percent)
            copies = rng.sample(values, len(values) * percent // 100)
            check("%d %% twice" % percent, values + copies, 0, duplicates=len(copies), conflicts=0, gaps=0)
        check("all of them five times", values * 5, 0, duplicates=4 * len(values), conflicts=0)
        for count in (1, 40):
            others = [dict(v, data={"n": -1}) for v in random.Random(count).sample(values, count)]
            check("%d conflicts" % count, values + others, 3, conflicts=count, duplicates=0)
        for count in (1, 40):
            victims = {("i%d" % i, 5) for i in range(count)}
            kept = [v for v in values if (v["aggregateId"], v["version"]) not in victims]
            check("%d gaps" % count, kept, 3, gaps=count, duplicates=0)
        for seed in range(3):
            shuffled = values[:]
            random.Random(seed).shuffle(shuffled)
            check("shuffled %d" % seed, shuffled, 0, duplicates=0, conflicts=0, gaps=0)
        check("late by an hour", values[::2] + values[1::2], 0, gaps=0)
        check("late by 30 days", values[::2], 0, late=values[1::2], gaps=0)
        check("backwards", values[::-1], 0, gaps=0)


# ---- ids of one hash ---------------------------------------------------------------------------------


def colliding_ids(count):
    """Valid UTF-8 whose XXH3 (seed 0) is all the same, in all 64 bits.

    Of texts above 240 bytes XXH3 takes 64 at a time, eight lanes of eight bytes. A lane adds lo32(data ^ secret) *
    hi32(data ^ secret) to itself, and data to its neighbour. In lane 0 of the 64 bytes number 3 and 14 the high half of
    the secret can be written in UTF-8: there the product is 0, whatever the low half is, and only the sum of both low
    halves is left. So what one has more, the other has less."""
    letters = [chr(c) for c in range(0x23, 0x7b) if chr(c) not in '"\\']
    letters = [c for c in letters if chr(0x9e - ord(c)) in letters]
    found = []
    for n in range(count):
        digits = [letters[n // len(letters) ** p % len(letters)] for p in range(3)]
        mirror = [chr(0x9e - ord(d)) for d in digits]
        # 0xe2 at the low half's end begins the three bytes e2 b7 b3; the high half goes on with "g" and 0x1f.
        front = "x" * 192 + "".join(digits) + "\u2df3g\x1f"
        middle = "x" * (896 - len(front.encode("utf-8"))) + "".join(mirror) + "y" + "\u0374Y1"
        text = front + middle
        found.append(text + "x" * (1024 - len(text.encode("utf-8"))))
    expect({len(i.encode("utf-8")) for i in found}, {1024}, "bytes")
    expect(len(set(found)), count, "ids")
    return found


def cost(scratch, name, ids, *more):
    """The cheapest of three runs: the machine's other work makes a run dearer, never cheaper."""
    folder = os.path.join(scratch, name)
    write_history(folder, [event(i, v) for i in ids for v in (1, 2)], 4)
    runs = [Measured("run", "--no-compare", "-r", "json", "-j", "1", *more, "-a", CASE, folder, cwd=scratch) for _ in range(3)]
    for run in runs:
        expect_status(run, 0, name)
        report = json.loads(run.stdout)
        expect((total(report, "instances"), report["history"]["folded"]), (len(ids), 2 * len(ids)), name)
    return min(runs, key=lambda run: run.cpu)


@fault(25)
def test_ids_of_one_hash_cost_no_more_than_others():
    count = 100000 if all_cases() else 4000
    with Scratch() as scratch:
        colliding = colliding_ids(count)
        rng = random.Random(1)
        others = ["".join(rng.choices("abcdefgh", k=8)) + "x" * 1011 + "%05d" % n for n in range(count)]
        write_history(os.path.join(scratch, "few"), [event(i, 1) for i in colliding[:500]])
        shards = [total(run_json("--no-compare", "--shard", "%d/64" % k, "-a", CASE, os.path.join(scratch, "few")).report,
                        "instances") for k in range(1, 65)]
        expect(sorted(shards), [0] * 63 + [500], "all hashes are the same")
        for more in ((), ("--memory", "8M")):
            bad, good = cost(scratch, "colliding", colliding, *more), cost(scratch, "others", others, *more)
            assert bad.cpu <= 2 * good.cpu + 0.2, "%s: %.2f s of CPU time, %.2f with other ids" % (more, bad.cpu, good.cpu)
            # Ids of one hash are of one portion: it lies in a file, whose mapped pages count as the process's though the
            # system may take them at any time.
            mapped = 2 * count * 1200 // 1024 if more else 0
            assert bad.kib <= 2 * good.kib + 65536 + mapped, "%s: %d KiB, %d with other ids" % (more, bad.kib, good.kib)
            cases(25, 1)


@fault(25)
def test_one_instance_of_very_many_events():
    """Not of `case`: each of its events takes as long as the path in front of it is."""
    count = 1000000 if all_cases() else 20000
    with Scratch() as scratch:
        write_history(os.path.join(scratch, "e"), [
            {"aggregateType": "batch", "aggregateId": "one", "version": v, "type": "Added", "at": "2020-01-01T00:00:%02dZ" % (v % 60),
             "data": {"By": v}} for v in range(1, count + 1)], 8)
        for more in ((), ("--memory", "8M")):
            run = Measured("bless", "-q", "-r", "json", *more, "-a", plugin("batch"), "-g", "golden", "e", cwd=scratch)
            expect_status(run, 0, "bless")
            line = read_golden(os.path.join(scratch, "golden", "batch.ndjson"))["one"]
            expect((line["version"], line["state"]), (count, {"sum": count * (count + 1) // 2, "events": count}), "the line")
            if more:
                # 152 bytes for each event, and its own 96 in the file, whose mapped pages count (as above).
                assert run.kib < (24 + 8 + 3 * 8) * 1024 + count * (152 + 96) // 1024, run.kib
            cases(25, 1)


@slow
@fault(25)
def test_more_names_than_there_may_be_are_damage():
    """A million event types and aggregates: the object with one more is told, and the other one counts."""
    with Scratch() as scratch:
        hour = os.path.join(scratch, "e", "2020", "01", "01", "00")
        write_bytes(os.path.join(hour, "x"), b"".join(
            b'{"aggregateType":"x","aggregateId":"%d","version":1,"type":"t%d","at":"2020-01-01T00:00:00Z","data":{}}\n' % (
                n % 1000, n) for n in range(1000001)))
        write_bytes(os.path.join(hour, "y"), lines_of([event("one", 1, "t1")]))
        result = run_json("-j", 1, "--no-compare", "-a", CASE, os.path.join(scratch, "e"))
        expect_status(result, 3, "run")
        check_sums(result.report, "run")
        history = result.report["history"]
        expect((history["unreadable"], history["read"], history["folded"]), (1, 1, 1), "what is left")
        expect([(d["kind"], "more than 1000000 different event types" in d["message"]) for d in result.report["damage"]],
               [("unreadable", True)], "damage")
        cases(25, 1)
