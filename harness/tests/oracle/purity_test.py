# SPDX-License-Identifier: MIT
"""Impure code is found, its first event and its cause are named; pure code is not accused."""

import os
import re

from pure_builds import build_many, write_pure_history
from support import (
    cases, check_sums, expect, expect_status, fault, in_full, lines_of, part_of, plugin, read_golden, refold, run_json,
    sampled, Scratch, sweep, total, write_bytes)

IMPURE = plugin("impure")

# The zoo: by the front of the id, what must be named.
ZOO = {
    "clock": r"the clock \(time\)",
    "gettimeofday": r"the clock \(gettimeofday\)",
    "rand": r"random numbers \(rand\)",
    "getrandom": r"random numbers \(getrandom\)",
    "heap": r"allocated memory that was never written",
    "stack": r"memory of the stack that was never written",
    "order": r"addresses",
    "textorder": r"addresses",
    "hash": r"addresses",
    "counter": r"what instances folded before it left behind",
    "leftover": r"what instances folded before it left behind",
    "locale": r"the locale \(setlocale, localeconv\)",
    "getenv": r"the environment \(getenv\)",
    "environ": r"the environment",
    "zone": r"the time zone \(localtime_r\)",
    "pid": r"the machine or the process that it runs in \(getpid\)",
    "unseen": r"it differs each time",
    "micros": r"the clock \(gettimeofday\)",
    "half": r"the clock \(gettimeofday\)",
    "digit": r"the clock \(clock_gettime\)",
    "c11": r"the clock \(timespec_get\)",
    "processor": r"the clock \(clock_gettime\)",
    "ticks": r"the clock \(clock\)",
    "times": r"the clock \(times\)",
    "ftime": r"the clock \(ftime\)",
    "elapsed": r"the clock \(time\)",
    "afternoon": r"the clock \(time\)",
    "age": r"the clock \(time\)",
    "environcount": r"the environment",
}
# What is left of the instance before shows only where that had a longer id.
SOME = {"leftover"}
# The eight of the issue.
EIGHT = {"clock", "rand", "heap", "order", "counter", "locale", "getenv", "leftover"}
PURE = ("puretimes", "pureseeded", "purescratch", "purerounding", "puredebug", "none")


def write_history(folder, instances, aggregate="impure"):
    """id -> its events' types. Returns (id, version) -> (key, offset)"""
    places = {}
    key = "2020/01/01/01/zoo-1-2020-01-01-01-00-00-0000"
    data = bytearray()
    for identity, types in instances.items():
        for version, name in enumerate(types, 1):
            places[identity, version] = (key, len(data))
            data += lines_of([{"id": "%s/%d" % (identity, version), "aggregateType": aggregate,
                               "aggregateId": identity, "version": version, "type": name, "at": "2020-01-01T%02d:%02d:%02dZ" % (version // 3600, version // 60 % 60, version % 60),
                               "data": {}}])
    write_bytes(os.path.join(folder, key), data)
    return places


def zoo_instances():
    """Several of each kind, that look at different events; ids of different lengths."""
    instances = {}
    for kind in list(ZOO) + list(PURE):
        for n, types in enumerate((["Count", "Look"], ["Count", "Count", "Look", "Count"], ["Look", "Count"])):
            for more in range(3 if kind in SOME else 1):
                instances["%s-%s" % (kind, "x" * (5 * (3 - n) - more))] = types
    return instances


def is_impure(identity):
    return identity.split("-")[0] in ZOO


def check_found(found, instances):
    """All of the impure ones, and no other."""
    wanted = [i for i in instances if is_impure(i)]
    expect([i for i in found if i not in wanted], [], "accused")
    expect([i for i in wanted if i not in found and i.split("-")[0] not in SOME], [], "not found")
    expect({i.split("-")[0] for i in found}, {i.split("-")[0] for i in wanted}, "kinds")


def check_zoo(report, instances, places):
    found = {d["id"]: d for d in report["differences"] if d["kind"] == "impure"}
    check_found(found, instances)
    causes = {}
    for identity, difference in found.items():
        kind = identity.split("-")[0]
        if "its states are the same, but not that of the run" in difference["message"]:
            continue  # by chance alike in both worlds: what is known is the last state
        version = instances[identity].index("Look") + 1
        expect(difference["version"], version, identity + ": version")
        suspect = difference["suspect"]
        expect((suspect["version"], suspect["type"], (suspect["object"], suspect["offset"])),
               (version, "Look", places[identity, version]), identity + ": suspect")
        assert "folded twice, the states behind it differ; " in difference["message"], difference["message"]
        if "was looked for in" not in difference["message"]:
            causes.setdefault(kind, set()).add(difference["message"].split("; ", 1)[1])
    return causes


def zoo_table(causes):
    """kind, whether its cause was named rightly, and the words"""
    rows = []
    for kind, wanted in ZOO.items():
        words = causes.get(kind, set())
        rows.append((kind, bool(words) and all(re.search(wanted, w) for w in words), "; ".join(sorted(words))))
    return rows


@sampled
@fault(18)
def test_the_zoo_is_found_and_its_causes_are_named():
    rows = []
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        # One kind at a time: the cause is looked for in twenty instances of an aggregate.
        for kind in part_of(ZOO, 2):  # all of them stand in the zoo below
            instances = {i: t for i, t in zoo_instances().items() if i.split("-")[0] in (kind, "none")}
            places = write_history(events, instances)
            result = run_json("--no-compare", "--purity=all", "-a", IMPURE, events)
            expect_status(result, 1, kind)
            check_sums(result.report, kind)
            expect(result.report["purity"], {"mode": "all", "examined": len(instances), "instances": len(instances)},
                   kind)
            rows += [row for row in zoo_table(check_zoo(result.report, instances, places)) if row[0] == kind]
    print("".join("%-14s %-5s %s\n" % (kind, "right" if right else "WRONG", words) for kind, right, words in rows))
    wrong = [row for row in rows if not row[1]]
    expect([row for row in wrong if row[0] in EIGHT], [], "causes of the eight")
    expect(wrong, [], "causes")
    cases(18, len(rows))


@sampled
@fault(18)
def test_all_of_the_zoo_at_once_with_any_number_of_jobs():
    instances = zoo_instances()
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        places = write_history(events, instances)
        for jobs in part_of(("4", "1"), 2):
            result = run_json("-j", jobs, "--no-compare", "--purity=all", "-a", IMPURE, events)
            expect_status(result, 1, "zoo")
            check_zoo(result.report, instances, places)
            looked = [d for d in result.report["differences"] if "folded twice, its states are the same" not in
                      d["message"] and "was looked for in 20 others" not in d["message"]]
            expect(len(looked), 20, "causes that were looked for")
            cases(18, len(result.report["differences"]))


def test_the_worlds_alone_find_it_where_values_are_private():
    """The state of the run's own fold is not held against theirs there: what both worlds have alike is never found."""
    kinds = [kind for kind in ZOO if kind not in SOME and kind != "unseen"]
    instances = {kind + "-1": ["Look"] for kind in kinds}
    instances.update({"digit-%d" % n: ["Count"] * (n - 1) + ["Look"] for n in range(2, 10)})
    instances.update({"none-%d" % n: ["Look"] * n for n in range(1, 9)})
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, instances)
        config = os.path.join(scratch, "refold.json")
        write_bytes(config, b'{"aggregates":{"impure":{"private":["/events"]}}}')
        result = refold("bless", "-r", "json", "-C", config, "--purity=all", "-a", IMPURE, "-g", os.path.join(scratch, "golden"),
                        events, env={"REFOLD_PRIVATE_KEY": "0123456789abcdef" * 4})
    expect_status(result, 1, "bless")
    found = {d["id"]: d["message"] for d in result.report["differences"] if d["kind"] == "impure"}
    expect(sorted(found), sorted(i for i in instances if is_impure(i)), "found")
    wrong = {i: m for i, m in found.items() if "was looked for in" not in m and not re.search(ZOO[i.split("-")[0]], m)}
    expect(wrong, {}, "causes")


# Its state is how many variables it was given.
COUNTER = """#!/usr/bin/env -S python3 -SE
import sys
sys.path.insert(0, %r)
from speaker import Aggregate, speak
class Counter(Aggregate):
    name, types = "counter", ("*",)
    def apply(self, event):
        pass
    def state(self):
        with open("/proc/self/environ", "rb") as variables:
            return {"count": variables.read().count(b"\\0")}
speak(Counter)
"""


def test_a_program_that_counts_its_variables():
    with Scratch() as scratch:
        program = os.path.join(scratch, "counter")
        write_bytes(program, (COUNTER % os.path.dirname(os.path.abspath(__file__))).encode())
        os.chmod(program, 0o755)
        events = os.path.join(scratch, "events")
        write_history(events, {"one": ["Count"]}, "counter")
        result = run_json("--no-compare", "--purity=all", "--sandbox=off", "-a", program, events)
    expect_status(result, 1, "run")
    message, = (d["message"] for d in result.report["differences"])
    expect(message, "made twice, the empty states differ; it depends on the environment", "message")


def test_what_is_chance_is_told_no_cause():
    """A coin that shows heads one time in four, by a clock that no world holds still: with one try for each thing, every
    other would be told that it depends on one."""
    instances = {"coin-%02d" % n: ["Count", "Look"] for n in range(40)}
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, {**instances, "none-1": ["Count", "Look"]})
        result = run_json("--no-compare", "--purity=all", "-a", IMPURE, events)
    expect_status(result, 1, "coins")
    check_sums(result.report, "coins")
    found = {d["id"]: d["message"] for d in result.report["differences"]}
    expect([i for i in found if i not in instances], [], "accused")
    assert len(found) >= 5, "%d of 40 coins are found" % len(found)
    for identity, message in found.items():
        assert re.search(r"; it differs now and then: by (addresses, or by )?something|; on what it depends is not known|chance|looked for in 20 others$",
                         message), (identity, message)


@fault(18)
def test_bless_finds_it_by_itself_and_writes_nothing_of_it():
    instances = zoo_instances()
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        golden = os.path.join(scratch, "golden")
        write_history(events, instances)
        off = refold("bless", "--purity=off", "-r", "json", "-a", IMPURE, "-g", golden, events)
        expect_status(off, 0, "without the examination")
        assert "purity" not in off.report
        before = read_golden(os.path.join(golden, "impure.ndjson"))
        result = refold("bless", "-r", "json", "-a", IMPURE, "-g", golden, events)
        expect_status(result, 1, "bless")
        after = read_golden(os.path.join(golden, "impure.ndjson"))
        impure = [d["id"] for d in result.report["differences"] if d["kind"] == "impure"]
        check_found(impure, instances)
        expect(result.report["blessed"]["unfit"], len(impure), "unfit")
        expect(total(result.report, "impure"), len(impure), "impure")
        expect(result.report["differences_total"], len(impure), "differences")
        expect({i: after[i] for i in impure}, {i: before[i] for i in impure}, "old lines are kept")
        # Without an old line there is none.
        fresh = os.path.join(scratch, "fresh")
        expect_status(refold("bless", "-a", IMPURE, "-g", fresh, events), 1, "fresh bless")
        expect(sorted(read_golden(os.path.join(fresh, "impure.ndjson"))), sorted(i for i in instances if i not in impure),
               "lines")
        cases(18, len(impure))


@fault(18)
def test_paths_that_differ_and_ends_that_are_the_same():
    instances = {
        "counter-meets": ["Count", "Look", "Count", "Forget", "Count"],
        "counter-late": ["Count", "Count", "Count", "Look"],
        "counter-text": ["Count", "Refuse", "Count"],
        "getenv-refuse": ["Count", "Look", "Count", "Refuse"],
        "getenv-crash": ["Count", "Count", "Crash", "Count"],
        "none-1": ["Count", "Look", "Forget"],
    }
    expected = {"counter-meets": (2, "states behind it differ"), "counter-late": (4, "states behind it differ"),
                "counter-text": (2, "refused here in two ways"), "getenv-refuse": (2, "states behind it differ"),
                "getenv-crash": (3, "crashes here once and once does not")}
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        golden = os.path.join(scratch, "golden")
        write_history(events, {i: t[:2] if i == "counter-late" else t for i, t in instances.items()})
        expect_status(refold("bless", "--purity=off", "-a", IMPURE, "-g", golden, events), 0, "bless")
        places = write_history(events, instances)  # "counter-late" looks behind the golden's version
        plain = run_json("-a", IMPURE, "-g", golden, events)
        expect([d["id"] for d in plain.report["differences"] if d["kind"] == "impure"], [], "unasked")
        result = run_json("--purity=all", "-a", IMPURE, "-g", golden, events)
    expect_status(result, 1, "run")
    check_sums(result.report, "run")
    found = {d["id"]: d for d in result.report["differences"]}
    expect({i: (d["kind"], d["version"]) for i, d in found.items()},
           {i: ("impure", version) for i, (version, _) in expected.items()}, "differences")
    for identity, (version, words) in expected.items():
        assert words in found[identity]["message"], found[identity]["message"]
        expect((found[identity]["suspect"]["object"], found[identity]["suspect"]["offset"]), places[identity, version],
               identity)
    expect(total(result.report, "impure") + total(result.report, "compared"), len(instances), "classes")
    cases(18, len(instances))


def test_a_sample_says_how_many():
    """At least a hundred where there are as many; all of a small history; the same with any memory and jobs."""
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        small = {"none-%d" % n: ["Count"] for n in range(300)}
        large = {"none-%d" % n: ["Count"] * 4 for n in range(6000)}
        for instances, least, most in ((small, 300, 300), (large, 128, 300)):
            write_history(events, instances)
            reports = [run_json("-j", jobs, "--memory", memory, "--no-compare", "--purity", "-a", IMPURE, events)
                       for jobs, memory in (("1", "1G"), ("4", "1G"), ("3", "1"))]
            counts = {r.report["purity"]["examined"] for r in reports}
            expect(len(counts), 1, "the same sample: %s" % counts)
            examined = counts.pop()
            assert least <= examined <= most, examined
            text = refold("run", "--no-compare", "--purity", "-a", IMPURE, events).stdout.decode()
            assert "purity: %s of %s instances folded twice\n" % ("{:,}".format(examined),
                                                                   "{:,}".format(len(instances))) in text, text
        for count, examined in ((5000, 2), (5001, 1)):
            longer = os.path.join(scratch, "longer-%d" % count)
            write_history(longer, {"none-0": ["Count"] * count, "none-1": ["Count"]})
            for mode, wanted in (("sample", examined), ("all", 2)):
                report = run_json("--no-compare", "--purity=" + mode, "-a", IMPURE, longer).report
                expect(report["purity"]["examined"], wanted, "%d events, %s" % (count, mode))
        some = run_json("--no-compare", "--purity=50", "-a", IMPURE, events).report["purity"]
        expect((some["mode"], 40 <= some["examined"] <= 50), ("some", True), "about 50: %s" % some)


def test_an_ignored_value_accuses_nobody():
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, {"clock-1": ["Count", "Look"], "none-1": ["Count"]})
        result = run_json("--no-compare", "--ignore", "/value", "--purity=all", "-a", IMPURE, events)
        expect_status(result, 0, "ignored")
        expect(result.report["purity"]["examined"], 2, "examined")


def test_a_state_that_tells_how_events_were_handed_over():
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        places = write_history(events, {"many": ["Count"] * 5, "one": ["Count"]}, "cuts")
        result = run_json("--no-compare", "--purity=all", "-a", plugin("cuts"), events)
    expect_status(result, 1, "run")
    found = {d["id"]: d for d in result.report["differences"]}
    expect(sorted(found), ["many"], "who is impure: one event is one batch in any case")
    assert "apply_batch" in found["many"]["message"], found["many"]
    expect((found["many"]["suspect"]["object"], found["many"]["suspect"]["offset"]), places["many", 5], "suspect")


# As cuts.c, with a state that has no JSON behind a Nan.
NAN_CUTS = r'''
#include <refold/aggregate.h>
#include <math.h>
struct cuts { int64_t events, batches; double real; };
static const refold_type types[] = {REFOLD_TYPE("Count", 1), REFOLD_TYPE("Nan", 2)};
static const refold_field fields[] = {
    REFOLD_INT(struct cuts, events, "events"),
    REFOLD_INT(struct cuts, batches, "batches"),
    REFOLD_REAL(struct cuts, real, "real"),
};
static uint64_t cuts_apply_batch(void *state, const refold_event *const *events, uint64_t count)
{
    struct cuts *cuts = state;
    for (uint64_t i = 0; i < count; i++) {
        cuts->real = events[i]->kind == 2 ? NAN : cuts->real;
    }
    cuts->events += (int64_t)count;
    cuts->batches++;
    return count;
}
REFOLD_TABLE_ = {
    .abi_version = REFOLD_ABI_VERSION, .size = sizeof(refold_aggregate), .name = "cuts", .state_version = 1,
    .state_size = sizeof(struct cuts), .types = types, .type_count = 2, .fields = fields, .field_count = 3,
    .apply_batch = cuts_apply_batch,
};
'''


def test_a_nan_hides_no_other_state():
    with Scratch() as scratch:
        source = os.path.join(scratch, "cuts.c")
        write_bytes(source, NAN_CUTS.encode())
        events = os.path.join(scratch, "events")
        write_history(events, {"many": ["Count"] * 3 + ["Nan", "Count"], "one": ["Nan"]}, "cuts")
        found = {}
        for rules in ((), ("--ignore", "/events"), ("--ignore", "/batches")):
            result = run_json("--no-compare", "--purity=all", *rules, "-a", source, events)
            expect_status(result, 1, "run")
            expect(result.report["purity"]["examined"], 2, "examined")
            found[rules] = {d["id"]: d for d in result.report["differences"]}
    kinds = [{identity: d["kind"] for identity, d in differences.items()} for differences in found.values()]
    impure = {"many": "impure", "one": "rejected"}
    expect(kinds, [impure, impure, {"many": "rejected", "one": "rejected"}], "kinds")
    assert "apply_batch" in found[()]["many"]["message"], found
    expect(found[()]["many"]["version"], 5, "behind which event")


# Its state has no JSON behind a Bad.
BAD = r'''
#include <refold/aggregate.h>
struct bad { refold_text text; };
static const refold_type types[] = {REFOLD_TYPE("Count", 1), REFOLD_TYPE("Bad", 2)};
static const refold_field fields[] = {REFOLD_TEXT(struct bad, text, "text")};
static int32_t bad_apply(void *state, const refold_event *event)
{
    struct bad *bad = state;
    bad->text = (refold_text){event->kind == 2 ? "\xff" : "good", event->kind == 2 ? 1 : 4, 0};
    return REFOLD_OK;
}
REFOLD_AGGREGATE("bad", struct bad, types, fields, bad_apply)
'''


def test_a_state_that_no_pin_asks_for_is_no_crash():
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "bad.c"), os.path.join(scratch, "golden")
        write_bytes(source, BAD.encode())
        before, events = os.path.join(scratch, "before"), os.path.join(scratch, "events")
        write_history(before, {"one": ["Count"]}, "bad")
        write_history(events, {"one": ["Count", "Bad"]}, "bad")
        expect_status(refold("bless", "-a", source, "-g", golden, before), 0, "bless")
        for purity in ("off", "all"):
            expect_status(run_json("--purity=" + purity, "-g", golden, "-a", source, events), 0, purity)
        result = run_json("--purity=all", "--no-compare", "-a", source, events)
        expect([d["kind"] for d in result.report["differences"]], ["crashed"], "without a pin")


# It crashes where there is an environment, which in both made worlds there is, and in a run there is none; late events do in each.
EARLY = r'''
#define _GNU_SOURCE
#include <refold/aggregate.h>
#include <stdlib.h>
#include <unistd.h>
struct early { int64_t count; };
static const refold_type types[] = {REFOLD_TYPE("Look", 1)};
static const refold_field fields[] = {REFOLD_INT(struct early, count, "count")};
static int32_t early_apply(void *state, const refold_event *event)
{
    struct early *early = state;
    if (event->at.seconds > (environ != NULL && *environ != NULL ? 1700000000 : 100000000000)) {
        abort();
    }
    early->count++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("early", struct early, types, fields, early_apply)
'''


def test_what_falls_in_both_worlds_and_not_in_the_run():
    with Scratch() as scratch:
        source = os.path.join(scratch, "early.c")
        write_bytes(source, EARLY.encode())
        events = os.path.join(scratch, "events")
        ats = {"early": ("2019-01-01T00:00:00Z", "2025-01-01T00:00:00Z"), "old": ("2019-01-01T00:00:00Z",), "never": ("9999-01-01T00:00:00Z",)}
        write_bytes(os.path.join(events, "2025/01/01/01/e-1-2025-01-01-01-00-00-0000"), lines_of(
            [{"aggregateType": "early", "aggregateId": identity, "version": version, "type": "Look", "at": at, "data": {}}
             for identity, all_at in ats.items() for version, at in enumerate(all_at, 1)]))
        report = run_json("--no-compare", "--purity=all", "-a", source, events)
        expect_status(report, 1, "it falls in no fold of the run's")
        check_sums(report.report, "sums")
        expect({d["id"]: (d["kind"], d.get("version")) for d in report.report["differences"]},
               {"early": ("impure", 2), "never": ("crashed", 1)}, "differences")
        message, = (d["message"] for d in report.report["differences"] if d["id"] == "early")
        assert message.startswith("folded in two other worlds, it crashes here in both, and does not in the run (SIGABRT (aborted))"), message


def test_a_device_with_random_numbers():
    """The sandbox refuses it, so that the state is the same each time; without one it is random."""
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, {"urandom-1": ["Count", "Look"]})
        held = run_json("--no-compare", "--purity=all", "-a", IMPURE, events).report
        loose = run_json("--no-compare", "--purity=all", "--sandbox=off", "-a", IMPURE, events).report
    if not held["differences"]:
        assert "/dev/urandom" in held["warnings"][0], held["warnings"]
        expect(held["conduct"][0]["tried"][0]["count"], 1, "what is tried in made worlds is not counted")
    assert "random numbers (open)" in loose["differences"][0]["message"], loose["differences"]


def test_two_builds():
    with Scratch() as scratch:
        events = os.path.join(scratch, "events")
        write_history(events, {"counter-1": ["Count", "Look"], "none-1": ["Count"]})
        result = refold("compare", "-r", "json", "--purity=all", IMPURE, IMPURE, events)
        expect_status(result, 1, "compare")
        found = {d["id"]: (d["kind"], d["version"]) for d in result.report["differences"]}
        expect(found, {"counter-1": ("impure", 2)}, "differences")
        expect(result.report["purity"], {"mode": "all", "examined": 2, "instances": 2}, "HEAD's are told")


def check_pure(count, seed):
    with Scratch() as scratch:
        builds = build_many(scratch, count, seed)
        for at in range(0, len(builds), 50):
            part = builds[at:at + 50]
            events = os.path.join(scratch, "events-%d" % at)
            write_pure_history(events, part)
            arguments = [word for build in part for word in ("-a", build.path)]
            result = run_json("--no-compare", "--purity=all", *arguments, events, timeout=600)
            # An event that an order refuses is refused in all worlds.
            expect([d for d in result.report["differences"] if d["kind"] != "rejected"], [], "accused")
            assert result.status in (0, 1), result.stderr
            expect({t["name"] for t in result.report["aggregates"] if t["events"] > 0}, {b.name for b in part}, "folded")
            purity = result.report["purity"]
            expect(purity["examined"], purity["instances"], "examined")
    return len(builds)


@sampled
@fault(18)
def test_pure_builds_are_not_accused():
    count = 24 if in_full() else 8
    expect(check_pure(count, 1), count, "builds")
    cases(18, count)


@sweep
@fault(18)
def test_a_thousand_pure_builds_are_not_accused():
    expect(check_pure(1000, 2), 1000, "builds")
    cases(18, 1000)
