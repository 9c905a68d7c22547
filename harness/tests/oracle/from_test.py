# SPDX-License-Identifier: MIT
"""--from: what goes on from a snapshot ends as what begins at the beginning, at any hour, whatever comes late, early
or twice across it; what cannot be so is refused, damaged or told, never the same."""

import functools
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys

from support import (
    aggregate, BUILD, canonical, check_sums, expect, expect_status, FIXTURES, lines_of, objects, parallel, part_of,
    patched, read_bytes, read_golden, records, refold, ROOT, run_json, sampled, Scratch, slow, total, write_bytes)

CUTS = 20
ORDER = aggregate("order")
FILE = aggregate("file")


# ---- histories ---------------------------------------------------------------------------------------


def hour_of(key):
    """The folders' hour, as --until takes it."""
    return "/".join(key.split("/")[:4])


def hours(folder):
    return sorted({hour_of(os.path.relpath(p, folder)) for p in objects(folder)})


def random_hours(folder, seed, count=CUTS):
    found = hours(folder)
    rng = random.Random(seed)
    return sorted(rng.sample(found[1:], min(count, len(found) - 1)))


def write_hours(folder, by_hour):
    """hour -> records; an object each."""
    for hour, values in by_hour.items():
        name = "s-1-%s-00-00-00000000-0000-4000-8000-000000000000.gz" % hour.replace("/", "-")
        write_bytes(os.path.join(folder, hour, name), gzip.compress(lines_of(values), 1, mtime=0))


def disturb(folder, target, seed):
    """The same events: 1 % come some hours later, 1 % come again later."""
    rng = random.Random(seed)
    order = hours(folder)
    place = {hour: i for i, hour in enumerate(order)}
    disturbed = {hour: [] for hour in order}

    def later(hour):
        return order[min(len(order) - 1, place[hour] + rng.randint(1, 60))]

    for path in objects(folder):
        hour = hour_of(os.path.relpath(path, folder))
        for record in records(os.path.dirname(path), lambda key, name=os.path.basename(path): key == name):
            disturbed[later(hour) if rng.random() < 0.01 else hour].append(record)
            if rng.random() < 0.01:
                disturbed[later(hour)].append(record)
    write_hours(target, disturbed)


def scenery(name, make):
    """A history that is made once a build folder."""
    folder = os.path.join(BUILD, "tests", "from-" + name)
    if not os.path.exists(folder):
        making = folder + ".%d" % os.getpid()
        shutil.rmtree(making, ignore_errors=True)
        os.makedirs(making)
        make(making)
        try:
            os.rename(making, folder)
        except OSError:  # another test was faster
            shutil.rmtree(making)
    return folder


def zlib_ng():
    return os.path.join(FIXTURES, "git-zlib-ng", "events")


def zlib_ng_disturbed():
    return scenery("zlib-ng", lambda making: disturb(zlib_ng(), making, 7))


def orders():
    def make(making):
        subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), making, "--events", "12000",
                        "--objects", "40", "--late", "0.01", "--duplicates", "0.01"], check=True,
                       stdout=subprocess.DEVNULL)
    return scenery("orders", make)


def order_event(identity, version, kind, **data):
    at = "2026-07-01T%02d:%02d:00Z" % (version // 60, version % 60)
    return {"t": kind, "d": {"ID": identity, "Version": version, "At": at, **data}}


def troubled():
    """Orders that are refused, hold types that are skipped or unknown, are far behind a missing version, and much
    that comes late and twice."""
    def make(making):
        rng = random.Random(11)
        by_hour = {"2026/07/%02d/%02d" % (day, hour): [] for day in (1, 2) for hour in range(24)}
        order = sorted(by_hour)
        for number in range(300):
            identity = "o%03d é" % number
            at = rng.randrange(len(order))
            for version in range(1, rng.randint(2, 14)):
                kind = "OrderCreated" if version == 1 else rng.choice(["OrderViewed", "OrderViewed", "OrderItemAdded",
                                                                       "OrderApproved", "OrderPaid"])
                if rng.random() < 0.02:
                    kind = "Mystery"
                qty = "many" if rng.random() < 0.05 else rng.randint(1, 9)
                data = {"Qty": qty, "PriceCents": 250} if kind == "OrderItemAdded" else {}
                if rng.random() < 0.3:
                    data["Number"] = rng.choice([1, -7, 12345678901234567890123])
                record = order_event(identity, version, kind, **data)
                late = rng.randint(1, 30) if rng.random() < 0.15 else 0
                by_hour[order[min(len(order) - 1, at + late)]].append(record)
                while rng.random() < 0.15:
                    by_hour[order[min(len(order) - 1, at + late + rng.randint(0, 30))]].append(record)
                at = min(len(order) - 1, at + rng.randint(0, 3))
        write_hours(os.path.join(making, "events"), by_hour)
        write_bytes(os.path.join(making, "refold.json"), json.dumps({"aggregates": {"order": {
            "plugin": ORDER, "skip": [{"type": "OrderViewed", "reason": "not the order's business"}]}}}).encode())
    return scenery("troubled", make)


def files_of(folder):
    return {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}


@functools.lru_cache(maxsize=None)
def scenes():
    """name -> (folder of events, arguments)"""
    trouble = troubled()
    return {
        "git-zlib-ng": (zlib_ng(), ("-a", FILE)),
        "git-zlib-ng, disturbed": (zlib_ng_disturbed(), ("-a", FILE)),
        "orders": (os.path.join(orders(), "events"), ("-a", ORDER)),
        "troubled": (os.path.join(trouble, "events"), ("-C", os.path.join(trouble, "refold.json"))),
    }


def bless(golden, events, arguments, *more, status=0):
    result = refold("bless", "--report", "json", *arguments, "-g", golden, *more, events)
    expect_status(result, status, "bless %s" % (more,))
    check_sums(result.report, "bless %s" % (more,))
    return result.report


# ---- line 9: 20 random hours -----------------------------------------------------------------------------


def check_cut(name, events, arguments, cut, whole, scratch):
    early, late = os.path.join(scratch, "early"), os.path.join(scratch, "late")
    what = "%s at %s" % (name, cut)
    before = bless(early, events, arguments, "--until", cut)
    result = run_json(*arguments, "-g", whole.golden, "--from", early, "--since", cut, events)
    expect_status(result, whole.run_status, what)
    report = result.report
    check_sums(report, what)
    expect(report["differences_total"], 0, what + ": differences")
    expect(total(report, "same"), whole.lines, what + ": same")
    behind = bless(late, events, arguments, "--from", early, "--since", cut)
    expect(files_of(late), files_of(whole.golden), what + ": the golden")
    folded = before["history"]["folded"] + behind["history"]["folded"]
    expect(folded, whole.folded, what + ": folded once each")
    return behind["history"]["covered"]


class Whole:
    def __init__(self, golden, events, arguments):
        self.golden = golden
        report = bless(golden, events, arguments)
        self.folded = report["history"]["folded"]
        self.lines = sum(len(read_golden(os.path.join(golden, n))) for n in os.listdir(golden) if n.endswith(".ndjson"))
        self.run_status = refold("run", "-q", *arguments, "-g", golden, events).status


def check_scene(name, seed):
    events, arguments = scenes()[name]
    with Scratch() as scratch:
        whole = Whole(os.path.join(scratch, "whole"), events, arguments)
        expect(whole.run_status, 0, name)

        def work(cut):
            with Scratch() as own:
                return check_cut(name, events, arguments, cut, whole, own)
        return sum(parallel(work, random_hours(events, seed)))


@slow
def test_any_hour_of_git_zlib_ng():
    expect(check_scene("git-zlib-ng", 1), 0, "covered")


@slow
def test_any_hour_of_git_zlib_ng_with_late_events_and_copies():
    expect(check_scene("git-zlib-ng, disturbed", 2) > 0, True, "copies across the cuts")


@slow
def test_any_hour_of_an_order_history():
    expect(check_scene("orders", 3) > 0, True, "copies across the cuts")


@slow
def test_any_hour_of_a_history_with_refusals_skips_and_unknown_types():
    expect(check_scene("troubled", 4) > 0, True, "copies across the cuts")


def test_another_program_knows_the_states_of_the_orders():
    events, arguments = scenes()["orders"]
    cut = random_hours(events, 5, 1)[0]
    with Scratch() as scratch:
        bless(scratch, events, arguments, "--until", cut)
        golden = os.path.join(orders(), "golden")
        result = run_json(*arguments, "-g", golden, "--from", scratch, "--since", cut, "--require-golden", events)
        expect_status(result, 0, cut)
        expect(total(result.report, "same"), len(read_golden(os.path.join(golden, "order.ndjson"))), "same")


# ---- chains ------------------------------------------------------------------------------------------------


@slow
def test_a_chain_of_closes_gives_the_files_of_one():
    for name, (events, arguments) in scenes().items():
        cuts = random_hours(events, 6, 3)
        with Scratch() as scratch:
            last = None
            for number, cut in enumerate(cuts):
                golden = os.path.join(scratch, "chain%d" % number)
                more = () if last is None else ("--from", last[0], "--since", last[1])
                bless(golden, events, arguments, "--until", cut, *more)
                fresh = os.path.join(scratch, "fresh%d" % number)
                bless(fresh, events, arguments, "--until", cut)
                expect(files_of(golden), files_of(fresh), "%s until %s" % (name, cut))
                last = golden, cut
            if name != "git-zlib-ng":
                sizes = [len(files_of(os.path.join(scratch, "chain%d" % n)).get(
                    sorted(files_of(os.path.join(scratch, "chain0")))[0].split(".")[0] + ".pending.ndjson", b""))
                         for n in range(3)]
                expect(max(sizes) > 0, True, name + ": something is kept")
            place = os.path.join(scratch, "place")
            bless(place, events, arguments, "--until", cuts[0])
            bless(place, events, arguments, "--until", cuts[1], "--from", place, "--since", cuts[0])
            expect(files_of(place), files_of(os.path.join(scratch, "fresh1")), name + ": in the same folder")


def test_jobs_change_nothing():
    events, arguments = scenes()["troubled"]
    cut = random_hours(events, 8, 1)[0]
    with Scratch() as scratch:
        seen = set()
        for jobs in ("1", "8"):
            early, late = os.path.join(scratch, "e" + jobs), os.path.join(scratch, "l" + jobs)
            bless(early, events, arguments, "--until", cut, "-j", jobs)
            report = bless(late, events, arguments, "--from", early, "--since", cut, "-j", jobs)
            seen.add((canonical(report["history"]), repr(sorted(files_of(early).items())),
                      repr(sorted(files_of(late).items()))))
        expect(len(seen), 1, "-j1 and -j8")


def test_an_overlap_is_covered_and_a_hole_is_refused():
    events, arguments = scenes()["orders"]
    first, cut, later = random_hours(events, 9, 3)
    with Scratch() as scratch:
        early, whole, late = (os.path.join(scratch, n) for n in ("early", "whole", "late"))
        bless(early, events, arguments, "--until", cut)
        bless(whole, events, arguments)
        report = bless(late, events, arguments, "--from", early, "--since", first)
        expect(report["history"]["covered"] > 100, True, "covered")
        expect(files_of(late), files_of(whole), "an overlap")
        report = bless(late, events, arguments, "--from", early)
        expect((report["history"]["unselected"], report["warnings"]), (0, []), "all of it: nothing is left to be told")
        expect(files_of(late), files_of(whole), "all of it")
        result = refold("bless", *arguments, "-g", late, "--from", early, "--since", later, events)
        expect_status(result, 2, "a hole")
        expect("would be lost" in result.stderr, True, result.stderr)
        expect(files_of(late), files_of(whole), "a hole writes nothing")


def test_a_quiet_day_closes_and_compares_nothing():
    with Scratch() as scratch:
        events, early, late = (os.path.join(scratch, n) for n in ("events", "early", "late"))
        small(events, [order_event("a", 1, "OrderCreated")])
        bless(early, events, ("-a", ORDER), "--until", "2026-07-01T01")
        more = ("--from", early, "--since", "2026-07-01T01")
        report = bless(late, events, ("-a", ORDER), *more, "--until", "2026-07-01T02")
        expect(len(report["warnings"]), 1, "it is said")
        expect(read_bytes(os.path.join(late, "order.ndjson")), read_bytes(os.path.join(early, "order.ndjson")), "lines")
        expect(json.loads(read_bytes(os.path.join(late, "order.meta.json")))["closed"], "2026-07-01T02:00:00Z", "closed")
        # No event matched, perhaps of a wrong source: that is no proof of anything.
        expect_status(run_json("-a", ORDER, "-g", late, *more, events), 2, "run")


def test_some_instances_go_on_alone():
    events, arguments = scenes()["orders"]
    cut = random_hours(events, 10, 1)[0]
    with Scratch() as scratch:
        early, whole = os.path.join(scratch, "early"), os.path.join(scratch, "whole")
        bless(early, events, arguments, "--until", cut)
        bless(whole, events, arguments)
        lines = read_golden(os.path.join(whole, "order.ndjson"))
        known = read_golden(os.path.join(early, "order.ndjson"))
        grown = [i for i in sorted(known) if lines[i]["version"] > known[i]["version"]][:3]
        ids = grown + [i for i in sorted(known) if i not in grown][:4]
        chosen = [word for i in ids for word in ("--id", i)]
        result = run_json(*arguments, "-g", whole, "--from", early, "--since", cut, *chosen, events)
        expect_status(result, 0, "--id")
        expect((total(result.report, "same"), len(grown) > 0), (len(ids), True), "same")
        expect(result.report["warnings"], [], "warnings")
        # A bless of some keeps the hour of the others, and what is kept for them.
        bless(early, events, arguments, *chosen)
        result = run_json(*arguments, "-g", whole, "--from", early, "--since", cut, events)
        expect_status(result, 0, "behind a bless of some")
        # A bless of some up to a later hour does not move it: the others are not there yet.
        later = hours(events)[-1]
        bless(early, events, arguments, "--until", later, *chosen)
        expect_status(refold("run", *arguments, "-g", whole, "--from", early, "--since", later, events), 2, "not moved")
        expect_status(refold("run", *arguments, "-g", whole, "--from", early, "--since", cut, events), 0, "still there")


def test_an_hour_closed_by_other_rules_of_the_config_is_not_gone_on_from_alone():
    hour = "2026-07-01T01"
    with Scratch() as scratch:
        events, early, late, whole = (os.path.join(scratch, n) for n in ("events", "early", "late", "whole"))
        small(events, [order_event("a", 1, "OrderCreated"), order_event("a", 2, "OrderViewed"),
                       order_event("a", 3, "OrderApproved"), order_event("b", 1, "OrderCreated")],
              [order_event("a", 4, "OrderPaid", AmountCents=10), order_event("b", 2, "OrderApproved")])

        def config(name, skips, **more):
            path = os.path.join(scratch, name + ".json")
            write_bytes(path, json.dumps({"aggregates": {"order": {
                "skip": [{"type": t, "reason": "r"} for t in skips], **more}}}).encode())
            return "-a", ORDER, "-C", path

        one = config("one", ["OrderViewed"])
        two = config("two", ["Zzz", "OrderViewed", "Zzz"])
        same = config("same", ["OrderViewed", "Zzz"], first=1)
        none = config("none", [])
        first = config("first", ["OrderViewed"], first=0)
        bless(early, events, one, "--until", hour)
        bless(whole, events, one)
        meta = os.path.join(early, "order.meta.json")
        rules = json.loads(read_bytes(meta))["rules"]
        expect(rules, hashlib.sha256(b'{"first":1,"skip":["OrderViewed"]}').hexdigest()[:16], "rules")
        expect("rules" in json.loads(read_bytes(os.path.join(whole, "order.meta.json"))), False, "only beside closed")
        more = ("-g", whole, "--from", early, "--since", hour, events)
        expect_status(run_json(*one, *more), 0, "the same rules")
        for name, other in (("more skipped", two), ("none skipped", none), ("first", first), ("no config", ("-a", ORDER))):
            for verb in ("run", "bless"):
                target = whole if verb == "run" else late
                result = refold(verb, *other, "-g", target, "--from", early, "--since", hour, events)
                expect_status(result, 2, "%s: %s" % (verb, name))
                expect('another "first" or "skip" for order' in result.stderr, True, result.stderr)
        # All of the history tells whether they matter: what is closed so is of these rules.
        for other, status in ((none, 3), (first, 3), (two, 0)):
            expect_status(run_json(*other, "-g", whole, "--from", early, events), status, other)
        bless(late, events, two, "--from", early, "--until", hour)
        expect_status(run_json(*same, "-g", whole, "--from", late, "--since", hour, events), 0, "in any order, named twice")
        expect_status(run_json(*one, "-g", whole, "--from", late, "--since", hour, events), 2, "no more the old ones")
        # A part that is blessed by other rules: nothing goes on at the hour any more.
        bless(early, events, one, "--until", hour, "--id", "b")
        expect_status(run_json(*one, *more), 0, "a part by the same rules")
        bless(early, events, two, "--until", hour, "--id", "b")
        told = json.loads(read_bytes(meta))
        expect(("closed" in told, "rules" in told), (False, False), "a part by other rules")
        expect_status(run_json(*two, *more), 2, "not closed")


# ---- lies ---------------------------------------------------------------------------------------------------


def seal_meta(path, meta):
    """A meta file under a seal that fits: a hash of all else that it says."""
    meta.pop("seal", None)
    meta["seal"] = hashlib.sha256(canonical(meta).encode() + b"\n").hexdigest()[:16]
    write_bytes(path, canonical(meta).encode() + b"\n")


def seal(folder, name="order"):
    """The meta file of lines that were changed, as whoever lies well would write it."""
    path = os.path.join(folder, name + ".meta.json")
    meta = json.loads(read_bytes(path))
    meta["states"] = hashlib.sha256(read_bytes(os.path.join(folder, name + ".ndjson"))).hexdigest()
    pending = os.path.join(folder, name + ".pending.ndjson")
    if os.path.exists(pending) and read_bytes(pending):
        lines = read_bytes(pending)
        meta["pending"] = {"lines": lines.count(b"\n"), "sha256": hashlib.sha256(lines).hexdigest()}
    seal_meta(path, meta)


def test_a_line_that_lies_is_named_by_prove_and_by_nothing_else():
    events, arguments = scenes()["orders"]
    cut = random_hours(events, 12, 1)[0]
    with Scratch() as scratch:
        golden, late = os.path.join(scratch, "golden"), os.path.join(scratch, "late")
        bless(golden, events, arguments, "--until", cut)
        expect_status(refold("golden", "prove", *arguments, golden, events), 0, "an honest golden")
        path = os.path.join(golden, "order.ndjson")
        lines = read_bytes(path).split(b"\n")
        number = len(lines) // 2
        line = json.loads(lines[number])
        line["state"]["items"] += 1
        lines[number] = canonical(line).encode()
        write_bytes(path, b"\n".join(lines))
        expect_status(refold("bless", *arguments, "-g", late, "--from", golden, "--since", cut, events), 2, "edited")
        for sealed in (False, True):
            result = refold("golden", "prove", *arguments, golden, events)
            expect_status(result, 1, "a lie, sealed: %s" % sealed)
            wanted = "1 of %d lines lies; the first is %s:%d, order %s" % (len(lines) - 1, path, number + 1, line["id"])
            expect(wanted in result.stderr, True, result.stderr)
            seal(golden)
        bless(late, events, arguments, "--from", golden, "--since", cut)


HIDDEN = """#include <refold/aggregate.h>
enum { ANY = 1 };
struct counter { int64_t shown; int64_t hidden; };
static const refold_type types[] = {REFOLD_TYPE("*", ANY)};
static const refold_field fields[] = {REFOLD_INT(struct counter, shown, "shown")};
static int32_t apply(void *state, const refold_event *event)
{
    struct counter *counter = state;
    (void)event;
    counter->shown += ++counter->hidden > 3;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("order", struct counter, types, fields, apply)
"""


def test_a_state_that_hides_something_is_found_by_prove_alone():
    events, _ = scenes()["orders"]
    cut = random_hours(events, 13, 1)[0]
    with Scratch() as scratch:
        golden, source = os.path.join(scratch, "golden"), os.path.join(scratch, "hidden.c")
        write_bytes(source, HIDDEN.encode())
        bless(golden, events, ("-a", source), "--until", cut)
        expect_status(refold("run", "-a", source, "-g", golden, events), 0, "every line is right")
        result = refold("golden", "prove", "-a", source, golden, events)
        expect_status(result, 1, "and does not go on")
        expect("does not end as it does from the beginning" in result.stderr, True, result.stderr)


def small(folder, *by_hour):
    """Hours from 00 on of one day."""
    write_hours(folder, {"2026/07/01/%02d" % i: values for i, values in enumerate(by_hour)})


def test_a_late_copy_with_other_content_is_told_and_found():
    life = [order_event("a", 1, "OrderCreated"), order_event("a", 2, "OrderItemAdded", Qty=1, PriceCents=5),
            order_event("a", 3, "OrderApproved")]
    other = order_event("a", 2, "OrderItemAdded", Qty=2, PriceCents=5)
    with Scratch() as scratch:
        events, early, whole = (os.path.join(scratch, n) for n in ("events", "early", "whole"))
        small(events, life[:2], [other, life[2]])
        arguments = ("-a", ORDER)
        bless(early, events, arguments, "--until", "2026-07-01T01")
        bless(whole, events, arguments, status=3)
        # The line keeps no event: what came before must be read to see that they differ.
        result = run_json(*arguments, "--no-compare", "--from", early, "--since", "2026-07-01T01", events)
        expect_status(result, 0, "behind the cut")
        expect(["1 event at a version" in w for w in result.report["warnings"]], [True], "it is told")
        expect(result.report["history"]["covered"], 1, "covered")
        expect_status(run_json(*arguments, "--no-compare", "--from", early, events), 3, "all of it")
        expect_status(refold("golden", "prove", *arguments, early, events), 3, "prove")
        # Two copies behind the cut can be compared with each other.
        small(events, life[:2], [other, life[1], life[2]])
        expect_status(run_json(*arguments, "--no-compare", "--from", early, "--since", "2026-07-01T01", events), 3,
                      "two copies")


def test_a_past_that_was_altered_is_damage_where_all_of_it_is_read():
    life = [order_event("a", 1, "OrderCreated"), order_event("a", 2, "OrderItemAdded", Qty=1, PriceCents=5)]
    with Scratch() as scratch:
        events, early = os.path.join(scratch, "events"), os.path.join(scratch, "early")
        small(events, life, [order_event("a", 3, "OrderApproved")])
        bless(early, events, ("-a", ORDER), "--until", "2026-07-01T01")
        expect_status(run_json("-a", ORDER, "--no-compare", "--from", early, events), 0, "as it was")
        life[1]["d"]["Qty"] = 2
        small(events, life)
        result = run_json("-a", ORDER, "--no-compare", "--from", early, events)
        expect_status(result, 3, "altered")
        expect([d["kind"] for d in result.report["damage"]], ["conflict"], "damage")
        expect(result.report["damage"][0]["message"],
               "the events up to version 2 are not those that the snapshot was made of", "message")


def test_what_a_snapshot_cannot_restore_is_crashed():
    life = [order_event("a", 1, "OrderCreated"), order_event("b", 1, "OrderCreated")]
    with Scratch() as scratch:
        events, early = os.path.join(scratch, "events"), os.path.join(scratch, "early")
        small(events, life, [order_event("a", 2, "OrderApproved")])
        bless(early, events, ("-a", ORDER), "--until", "2026-07-01T01")
        path = os.path.join(early, "order.ndjson")
        text = read_bytes(path)
        for old, new, why in (
                (b'"items":0,', b'', "cannot be restored: /items: is missing"),
                (b'"items":0', b'"items":0.5', "cannot be restored: /items: is not a number that fits"),
                (b'"items":0', b'"items":0,"more":1', "cannot be restored: /more: the aggregate has no such field"),
                (b'"createdAt":"2026-07-01T00:01:00Z"', b'"createdAt":"2026-07-01T00:01:00.0Z"', "is written as another")):
            expect(text.count(old), 2, "planted")
            write_bytes(path, text.replace(old, new))
            seal(early)
            result = run_json("-a", ORDER, "--no-compare", "--from", early, "--since", "2026-07-01T01", events)
            expect_status(result, 1, why)
            expect(total(result.report, "crashed"), 2, why + ": the one without events too")
            expect(why in result.report["differences"][0]["message"], True, result.report["differences"][0]["message"])
            expect_status(refold("bless", "-a", ORDER, "-g", os.path.join(scratch, "late"), "--from", early, "--since",
                                 "2026-07-01T01", events), 1, why)


# ---- what is kept -------------------------------------------------------------------------------------------


def kept(scratch):
    """An order whose version 2 comes behind the cut, though 3 and 4 are there; and one of which only 2 is."""
    events, early = os.path.join(scratch, "events"), os.path.join(scratch, "early")
    small(events, [order_event("a", 1, "OrderCreated"), order_event("a", 3, "OrderApproved"),
                   order_event("a", 4, "OrderPaid", AmountCents=10, Note=1.50e2), order_event("b", 2, "OrderApproved")],
          [order_event("a", 2, "OrderItemAdded", Qty=1, PriceCents=5), order_event("b", 1, "OrderCreated")])
    bless(early, events, ("-a", ORDER), "--until", "2026-07-01T01")
    return events, early


def test_what_came_early_is_kept_and_read_again():
    with Scratch() as scratch:
        events, early = kept(scratch)
        lines = [json.loads(line) for line in read_bytes(os.path.join(early, "order.pending.ndjson")).splitlines()]
        expect([(line["id"], line["version"], line["type"], line["object"][:13], line["aggregate"]) for line in lines],
               [("a", 3, "OrderApproved", "2026/07/01/00", "order"), ("a", 4, "OrderPaid", "2026/07/01/00", "order"),
                ("b", 2, "OrderApproved", "2026/07/01/00", "order")], "lines")
        shutil.rmtree(os.path.join(events, "2026/07/01/00"))  # what lies before is not needed
        late = os.path.join(scratch, "late")
        bless(late, events, ("-a", ORDER), "--from", early, "--since", "2026-07-01T01")
        expect({i: (line["version"], line["state"]["status"]) for i, line in
                read_golden(os.path.join(late, "order.ndjson")).items()},
               {"a": (4, "paid"), "b": (2, "approved")}, "golden")
        expect(os.path.exists(os.path.join(late, "order.pending.ndjson")), False, "nothing is kept any more")
        bless(early, events, ("-a", ORDER), "--from", early, "--since", "2026-07-01T01")
        expect(read_bytes(os.path.join(early, "order.pending.ndjson")), b"", "in the same folder")


def test_what_is_kept_may_be_longer_and_deeper_than_what_was_read():
    """By what refold wrote around it: the event itself was within the limits."""
    hour, arguments = "2026-07-01T01", ("-a", ORDER, "-e", "id=/i,version=/v,type=/t,at=/a")
    deep = functools.reduce(lambda value, _: [value], range(7), 1)
    for limit, more in (("record=64K,string=64K", {"Note": "y" * 65000}), ("depth=8", {"Note": deep})):
        with Scratch() as scratch:
            events, early, late, whole = (os.path.join(scratch, n) for n in ("events", "early", "late", "whole"))

            def event(version, kind, **data):
                return {"i": "\x01" * 9, "v": version, "t": kind, "a": "2026-07-01T00:00:00Z", **data}

            kept_event = event(3, "OrderApproved", **more)
            if "record" in limit:
                kept_event["Note"] += "y" * (65536 - len(canonical(kept_event)))
                expect(len(canonical(kept_event)), 65536, limit)
            other = {**event(1, "OrderCreated"), "i": "b"}
            write_hours(events, {"2026/07/01/00": [kept_event, other], "2026/07/01/01": [
                event(1, "OrderCreated"), event(2, "OrderItemAdded", Qty=1, PriceCents=5)]})
            limited = (*arguments, "--limit", limit)
            bless(early, events, limited, "--until", hour)
            bless(late, events, limited, "--from", early, "--since", hour)
            bless(whole, events, limited)
            expect(files_of(late), files_of(whole), limit)
            # What is no event of ours has the limits that were set.
            small(events, [{**kept_event, "Note": [deep]}] if limit == "depth=8" else [{**kept_event, "v": 33}])
            expect_status(run_json(*limited, "--no-compare", events), 3, limit)


def test_a_kept_file_that_is_not_the_one_that_was_kept_is_damage():
    def drop(text):
        return text[:text.index(b"\n") + 1]

    def twice(text):
        return text + text[:text.index(b"\n") + 1]

    changes = {
        "gone": None, "empty": lambda text: b"", "cut": lambda text: text[:-1], "cut in a line": lambda text: text[:-40],
        "a line less": drop, "a line twice": twice, "not JSON": lambda text: b"<<<<<<< HEAD\n" + text,
        "another id": lambda text: text.replace(b'"id":"a"', b'"id":"c"', 1),
        "another type": lambda text: text.replace(b"OrderApproved", b"OrderShipped", 1),
        "another number": lambda text: text.replace(b'"AmountCents":10', b'"AmountCents":11', 1),
        "CR LF": lambda text: text.replace(b"\n", b"\r\n"),
        "bytes": lambda text: b"\0\xff" * 1000,
    }
    with Scratch() as scratch:
        events, early = kept(scratch)
        path = os.path.join(early, "order.pending.ndjson")
        text = read_bytes(path)
        for name, change in changes.items():
            if change is None:
                os.remove(path)
            else:
                assert change(text) != text, name
                write_bytes(path, change(text))
            for verb in (("run", "--no-compare"), ("bless", "-g", os.path.join(scratch, "late"))):
                result = refold(*verb, "-a", ORDER, "--from", early, "--since", "2026-07-01T01", events)
                expect_status(result, 3, "%s: %s" % (verb[0], name))
                expect("order.pending.ndjson" in result.stderr, True, result.stderr)
        write_bytes(path, text)
        meta = os.path.join(early, "order.meta.json")
        told = json.loads(read_bytes(meta))
        del told["pending"]
        seal_meta(meta, told)
        expect_status(refold("run", "--no-compare", "-a", ORDER, "--from", early, "--since", "2026-07-01T01", events), 3,
                      "a file that no meta file tells of")


def test_kept_lines_of_a_good_liar_are_events_like_others():
    """With a seal of its own the file is what was blessed, as far as anyone can tell."""
    with Scratch() as scratch:
        events, early = kept(scratch)
        path = os.path.join(early, "order.pending.ndjson")
        text = read_bytes(path)
        for name, new, status, term in (
                ("a line twice", text + text[:text.index(b"\n") + 1], 0, "duplicates"),
                ("another copy of a version", text + text.splitlines()[0].replace(b"OrderApproved", b"OrderShipped") + b"\n",
                 3, "conflicts"),
                ("one of another aggregate", text.replace(b'"aggregate":"order"', b'"aggregate":"odd"', 1), 3, "unclaimed"),
                ("no event", text + b'{"aggregate":"order"}\n', 3, "malformed"),
                ("cut", text[:-20], 3, None)):
            write_bytes(path, new)
            seal(early)
            result = run_json("--no-compare", "-a", ORDER, "--from", early, "--since", "2026-07-01T01", events)
            expect_status(result, status, name)
            check_sums(result.report, name)
            expect(term is None or result.report["history"][term] > 0, True, name)


def test_a_gap_that_never_closes_is_damage_at_the_end():
    with Scratch() as scratch:
        events, early = kept(scratch)
        small(events, [], [order_event("b", 1, "OrderCreated")])
        result = run_json("--no-compare", "-a", ORDER, "--from", early, "--since", "2026-07-01T01", events)
        expect_status(result, 3, "a gap")
        expect([d["message"] for d in result.report["damage"]], ["version 2 is missing (1 is followed by 3)"], "damage")


def test_a_gap_that_the_snapshot_was_made_across_is_a_gap_where_all_is_read():
    with Scratch() as scratch:
        events, early, whole, late = (os.path.join(scratch, n) for n in ("events", "early", "whole", "late"))
        life = [order_event("a", 1, "OrderCreated"), order_event("a", 3, "OrderApproved")]
        accepted = ("--accept-damage", "lost")
        small(events, life)
        bless(early, events, ("-a", ORDER), *accepted)
        small(events, life, [order_event("a", 4, "OrderPaid", AmountCents=10)])
        bless(whole, events, ("-a", ORDER), *accepted)
        known = os.path.join(whole, "known-damage.json")
        text = read_bytes(known)
        os.remove(known)
        for more in ((), ("--from", early)):
            result = run_json("-a", ORDER, "-g", whole, *more, events)
            expect_status(result, 3, more)
            check_sums(result.report, "a gap %s" % (more,))
            expect([(d["kind"], d["message"]) for d in result.report["damage"]],
                   [("gap", "version 2 is missing (1 is followed by 3)")], more)
            expect(result.report["history"]["gaps"], 1, more)
        bless(late, events, ("-a", ORDER), "--from", early, status=3)
        # What is accepted once is known to both: it is the same finding.
        bless(late, events, ("-a", ORDER), "--from", early, *accepted)
        expect(files_of(late), {**files_of(whole), "known-damage.json": text}, "the golden")
        write_bytes(known, text)
        expect_status(run_json("-a", ORDER, "-g", whole, "--from", early, events), 0, "known")


# ---- refusals, crashes, numbers -----------------------------------------------------------------------------


def test_a_worker_that_dies_or_refuses_on_the_way_is_told_as_in_the_whole_fold():
    with Scratch() as scratch:
        events, early, whole = (os.path.join(scratch, n) for n in ("events", "early", "whole"))
        bad = os.path.join(scratch, "order.c")
        patched(os.path.join(ROOT, "aggregates", "order.c"), bad, "    case ORDER_SHIPPED:\n",
                "    case ORDER_SHIPPED:\n        __builtin_trap();\n")
        small(events, [order_event(i, 1, "OrderCreated") for i in "abcdefgh"],
              [order_event(i, 2, "OrderShipped" if i in "cg" else "OrderItemAdded", Qty="x" if i == "e" else 1,
                           PriceCents=5) for i in "abcdefgh"])
        bless(early, events, ("-a", bad), "--until", "2026-07-01T01")
        bless(whole, events, ("-a", ORDER))
        reports = []
        for more in ((), ("--from", early, "--since", "2026-07-01T01")):
            result = run_json("-a", bad, "-g", whole, *more, events)
            expect_status(result, 1, more)
            check_sums(result.report, "falls")
            reports.append([(d["id"], d["kind"], d["version"], d["message"]) for d in result.report["differences"]])
        expect(reports[1], reports[0], "differences")
        expect([(i, kind) for i, kind, _, _ in reports[1]], [("c", "crashed"), ("g", "crashed")], "who falls")


# ---- whose an event is -----------------------------------------------------------------------------------

TWO = ("-a", ORDER, "-a", FILE)


def test_what_no_type_tells_is_of_whom_the_snapshot_says():
    """What is not read any more has told whose an id's events are: one of a type that nobody declares is refused."""
    with Scratch() as scratch:
        events, early, whole = (os.path.join(scratch, n) for n in ("events", "early", "whole"))
        small(events, [order_event(i, 1, "OrderCreated") for i in "ab"],
              [order_event("a", 2, "OrderBogus"), order_event("b", 2, "OrderApproved")])
        bless(early, events, TWO, "--until", "2026-07-01T01")
        bless(whole, events, ("-a", ORDER))
        lines = read_golden(os.path.join(whole, "order.ndjson"))
        assert "rejected" in json.dumps(lines["a"]), lines["a"]
        late = os.path.join(scratch, "late")
        for since in ((), ("--since", "2026-07-01T01")):
            bless(late, events, TWO, "--from", early, *since)
            expect(read_golden(os.path.join(late, "order.ndjson")), lines, since)
            shutil.rmtree(late)


def test_an_hour_is_not_closed_before_an_id_whose_start_comes_late():
    """Nobody claims it yet: in no golden's line and in no pending file could it be kept."""
    with Scratch() as scratch:
        events, early = os.path.join(scratch, "events"), os.path.join(scratch, "early")
        small(events, [order_event("x", 2, "OrderBogus"), order_event("b", 1, "OrderCreated")],
              [order_event("x", 1, "OrderCreated")])
        result = refold("bless", *TWO, "-g", early, "--until", "2026-07-01T01", events)
        expect_status(result, 0, "bless")
        assert "1 id of no aggregate here begins behind a gap" in result.stderr, result.stderr
        expect_status(run_json(*TWO, "--from", early, "--since", "2026-07-01T01", "--no-compare", events), 2, "--since")
        expect_status(run_json(*TWO, "--from", early, "--no-compare", events), 1, "without: x is refused")
        # Nor where what declares * takes what no other does, so far: in its name nobody else would find it again.
        star = ("-a", ORDER, "-a", aggregate("case"))
        small(events, [order_event("x", 2, "OrderBogus"), order_event("b", 1, "OrderCreated"), order_event("y", 1, "Odd")],
              [order_event("x", 1, "OrderCreated")])
        shutil.rmtree(early)
        result = refold("bless", *star, "-g", early, "--until", "2026-07-01T01", events)
        expect_status(result, 0, "bless")
        assert "1 id of no aggregate here begins behind a gap" in result.stderr, result.stderr
        expect_status(run_json(*star, "--from", early, "--since", "2026-07-01T01", "--no-compare", events), 2, "--since, *")
        # Where an id begins with its first event, a later start shows by its gap.
        small(events, [order_event("x", 1, "OrderBogus"), order_event("b", 1, "OrderCreated")],
              [order_event("x", 2, "OrderCreated")])
        shutil.rmtree(early)
        bless(early, events, TWO, "--until", "2026-07-01T01")
        expect_status(run_json(*TWO, "--from", early, "--since", "2026-07-01T01", "--no-compare", events), 3, "a gap")


def test_what_is_covered_and_read_is_verified_up_to_an_hour_too():
    with Scratch() as scratch:
        events, early, late = (os.path.join(scratch, n) for n in ("events", "early", "late"))
        write_hours(events, {"2026/07/01/00": [order_event("a", 1, "OrderCreated")],
                             "2026/07/01/01": [order_event("b", 1, "OrderCreated"), order_event("b", 2, "OrderApproved")],
                             "2026/07/01/02": [order_event("a", 2, "OrderApproved")], "2026/07/01/03": []})
        bless(early, events, ("-a", ORDER), "--until", "2026-07-01T02")
        bless(late, events, ("-a", ORDER), "--from", early, "--until", "2026-07-01T03")
        shutil.rmtree(os.path.join(events, "2026/07/01/01"))
        for until in ((), ("--until", "2026-07-01T03")):
            result = run_json("-a", ORDER, "-g", late, "--from", early, *until, events)
            expect_status(result, 3, until)
            expect([(d["kind"], d["id"]) for d in result.report["damage"]], [("cut-short", "b")], until)


# ---- more than memory ------------------------------------------------------------------------------------


def heavy():
    """Some orders have too many events for the others of their bucket to be at hand beside them (--memory 1: 256
    KiB); of the others half go on, and half do not."""
    def make(making):
        rng = random.Random(5)
        early, late = [], []
        for number in range(6000):
            identity = "o%04d" % number
            early.append(order_event(identity, 1, "OrderCreated"))
            count = 300 if number % 500 == 0 else number % 2
            for version in range(2, 2 + count):
                fill = {"Note": "%01000x" % rng.getrandbits(4000)} if count > 1 else {}
                late.append(order_event(identity, version, "OrderItemAdded", Qty=1, PriceCents=version, **fill))
        write_hours(os.path.join(making, "events"), {"2026/07/01/00": early, "2026/07/02/00": late})
    return os.path.join(scenery("heavy", make), "events")


@sampled
@slow
def test_who_does_not_go_on_stands_beside_those_that_do_not_fit_into_memory():
    events = heavy()
    with Scratch() as scratch:
        early, whole = os.path.join(scratch, "early"), os.path.join(scratch, "whole")
        bless(early, events, ("-a", ORDER), "--until", "2026/07/02/00")
        bless(whole, events, ("-a", ORDER))
        for memory in part_of(("1", "4G"), 2):
            for since in ((), ("--since", "2026/07/02/00")):
                what = "--memory %s %s" % (memory, since)
                more = ("--from", early, "--memory", memory, *since)
                result = run_json("-a", ORDER, "-g", whole, *more, events)
                expect_status(result, 0, what)
                check_sums(result.report, what)
                expect(total(result.report, "same"), 6000, what)
                expect(result.report["history"]["started"], 6000, what + ": started")
                expect(result.report["history"]["idle"], 2988, what + ": idle")
                late = os.path.join(scratch, "late")
                shutil.rmtree(late, ignore_errors=True)
                bless(late, events, ("-a", ORDER), *more)
                expect(files_of(late), files_of(whole), what + ": the golden")
