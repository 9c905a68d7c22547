# SPDX-License-Identifier: MIT
"""Compiled code that dies, hangs or scribbles over its memory: it is named, and all others are compared."""

import os
import random

from support import (
    canonical, cases, check_sums, expect, expect_status, fault, lines_of, plugin, read_golden, refold, run_json,
    Scratch, total, write_bytes, write_golden)

CRASHER = plugin("crasher")
# What the plugin does at an instance's second event, and what must be said of it.
ENDS = {"segv": "SIGSEGV", "abort": "SIGABRT", "exit": "exit status 0", "stack": "SIGSEGV"}
EVENTS_EACH = 3


def event(identity, version):
    return {"id": "%s/%d" % (identity, version), "aggregateType": "crasher", "aggregateId": identity,
            "version": version, "type": "Added", "at": "2020-01-01T00:00:%02dZ" % version,
            "data": {"By": len(identity) * version}}


def state(identity, events=EVENTS_EACH):
    return {"events": events, "sum": sum(len(identity) * v for v in range(1, events + 1))}


def write_history(folder, ids, objects=10):
    """All events, shuffled over hour folders. (id, version) -> (key, offset)"""
    rng = random.Random(42)
    events = [event(i, v) for i in ids for v in range(1, EVENTS_EACH + 1)]
    rng.shuffle(events)
    places = {}
    for number in range(objects):
        key = "2020/01/01/%02d/crashers-1-2020-01-01-%02d-00-00-0000" % (number, number)
        data = b""
        for value in events[number::objects]:
            places[value["aggregateId"], value["version"]] = (key, len(data))
            data += lines_of([value])
        write_bytes(os.path.join(folder, key), data)
    return places


def suspect_of(identity):
    return 1 if identity.endswith("-first") else 2


def crasher_ids():
    """100 of them: 25 of each kind, every fifth dies at its first event."""
    return {"%s-%05d%s" % (kind, n * 397, "-first" if n % 5 == 0 else ""): name
            for kind, name in ENDS.items() for n in range(25)}


def check_crashed(report, crashers, places):
    found = {d["id"]: d for d in report["differences"]}
    expect(sorted(found), sorted(crashers), "who differs")
    for identity, name in crashers.items():
        difference = found[identity]
        expect((difference["kind"], difference["aggregate"]), ("crashed", "crasher"), identity)
        expect(name in difference["message"], True, "%s: %s" % (identity, difference["message"]))
        version = suspect_of(identity)
        suspect = difference["suspect"]
        expect((suspect["version"], suspect["type"], (suspect["object"], suspect["offset"])),
               (version, "Added", places[identity, version]), identity + ": suspect")
        expect(difference["version"], version, identity + ": version")


@fault(16)
def test_a_hundred_crashes_among_ten_thousand():
    crashers = crasher_ids()
    expect(len(crashers), 100, "crashers")
    fine = ["ok-%05d" % n for n in range(9900)]
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        places = write_history(events, fine + list(crashers))
        golden = os.path.join(scratch, "golden")
        # Some are pinned before they die: they are crashed nevertheless.
        pinned = {i: (1, state(i, 1)) if n % 7 == 0 else (EVENTS_EACH, state(i))
                  for n, i in enumerate(sorted(crashers))}
        write_golden(golden, "crasher", dict({i: (EVENTS_EACH, state(i)) for i in fine}, **pinned))
        result = run_json("-a", CRASHER, "-g", golden, events)
        single = run_json("-j", "1", "-a", CRASHER, "-g", golden, events)
        text = refold("run", "-a", CRASHER, "-g", golden, events)
    expect_status(result, 1, "crashes")
    report = result.report
    check_sums(report, "crashes")
    check_crashed(report, crashers, places)
    expect((total(report, "instances"), total(report, "crashed"), total(report, "same"), total(report, "changed"),
            total(report, "missing")), (10000, 100, 9900, 0, 0), "counts")
    # What a crash leaves behind: its event and all behind it.
    unfolded = sum(EVENTS_EACH - suspect_of(i) + 1 for i in crashers)
    expect((report["history"]["events"], report["history"]["unfolded"], report["history"]["folded"]),
           (30000, unfolded, 30000 - unfolded), "sums")
    single = single.report
    for key in ("differences", "aggregates", "history", "clusters", "damage", "exit"):
        expect(single[key], report[key], "with one job: " + key)
    expect_status(text, 1, "text")
    expect(b"crash" in text.stdout, True, "the text names the crashes")
    cases(16, 100)


def test_crashes_are_not_blessed():
    crashers = crasher_ids()
    fine = ["ok-%05d" % n for n in range(100)]
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, fine + list(crashers))
        golden = os.path.join(scratch, "golden")
        kept = sorted(crashers)[0]
        write_golden(golden, "crasher", {kept: (3, {"events": 77})})
        result = refold("bless", "-r", "json", "-a", CRASHER, "-g", golden, events)
        expect_status(result, 1, "bless")
        lines = read_golden(os.path.join(golden, "crasher.ndjson"))
    expect({i: (line["version"], line["state"]) for i, line in lines.items()},
           dict({i: (EVENTS_EACH, state(i)) for i in fine}, **{kept: (3, {"events": 77})}), "golden")
    expect(result.report["blessed"]["unfit"], 100, "unfit")


@fault(16)
def test_what_scribbles_over_memory_never_turns_a_verdict_green():
    fine = ["ok-%05d" % n for n in range(3000)]
    scribblers = ["scribble-%03d" % n for n in range(8)]
    altered = set(fine[::10]) | set(scribblers[::2])
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, fine + scribblers)
        golden = os.path.join(scratch, "golden")
        lines = {i: (EVENTS_EACH, state(i)) for i in fine + scribblers}
        for identity in altered:
            lines[identity] = (EVENTS_EACH, dict(state(identity), sum=-1))
        write_golden(golden, "crasher", lines)
        # Off: what is to be scribbled over stands in /proc/self/maps, which the sandbox does not let it read.
        results = [run_json("-j", jobs, "--sandbox", "off", "-a", CRASHER, "-g", golden, events) for jobs in ("1", "4")]
    for result in results:
        expect_status(result, 1, "scribble")
        report = result.report
        check_sums(report, "scribble")
        found = {d["id"]: d["kind"] for d in report["differences"]}
        expect({i: found.get(i, "same") for i in fine if i in altered}, {i: "changed" for i in fine if i in altered},
               "altered goldens")
        expect({i: k for i, k in found.items() if i in set(fine) - altered}, {}, "others that were blamed")
        for identity in scribblers:
            assert found.get(identity, "same") in ("crashed", "changed") or identity not in altered, identity
        assert any(found.get(i) == "crashed" for i in scribblers), "scribbling over everything is noticed"
        expect(total(report, "instances"), 3008, "instances")
        cases(16, 8)


@fault(16)
def test_what_hangs_is_named():
    fine = ["ok-%05d" % n for n in range(500)]
    hangers = ["hang-1", "hang-2-first"]
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        places = write_history(events, fine + hangers)
        golden = os.path.join(scratch, "golden")
        write_golden(golden, "crasher", {i: (EVENTS_EACH, state(i)) for i in fine + hangers})
        result = run_json("--timeout", "0.4", "-a", CRASHER, "-g", golden, events, timeout=60)
    expect_status(result, 1, "hang")
    report = result.report
    check_sums(report, "hang")
    expect([(d["id"], d["kind"], d["version"]) for d in report["differences"]],
           [("hang-1", "hung", 2), ("hang-2-first", "hung", 1)], "differences")
    for difference in report["differences"]:
        place = (difference["suspect"]["object"], difference["suspect"]["offset"])
        expect(place, places[difference["id"], difference["version"]], difference["id"])
    expect((total(report, "hung"), total(report, "same")), (2, 500), "counts")
    expect(report["history"]["unfolded"], 2 + 3, "unfolded")
    cases(16, 2)


def test_a_crash_that_no_golden_knows_counts_too():
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, ["ok-1", "segv-1"], objects=1)
        golden = os.path.join(scratch, "golden")
        write_golden(golden, "crasher", {"ok-1": (EVENTS_EACH, state("ok-1"))})
        result = run_json("-a", CRASHER, "-g", golden, events)
        bare = run_json("-a", CRASHER, "--no-compare", events)
    expect_status(result, 1, "crash without a golden line")
    expect([(d["id"], d["kind"]) for d in result.report["differences"]], [("segv-1", "crashed")], "differences")
    expect(total(bare.report, "crashed"), 1, "--no-compare: " + canonical(bare.report["aggregates"]))
    expect_status(bare, 1, "--no-compare")
