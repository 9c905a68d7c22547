# SPDX-License-Identifier: MIT
"""`refold types` against a catalogue worked out slowly (catalogue.py), in full: counts, instances, times, what
stands around a type, and the shape of its data; and what no bound on memory may change."""

import functools
import gzip
import json
import os
import random
import re
import subprocess

from catalogue import Token, catalogue, load, read_events, stamp, tokens_as_text
from hostile_test import HOSTILE, check_printable, check_schema, write_hostile
from support import (
    aggregate, expect, expect_status, FIXTURES, lines_of, objects, part_of, refold, sampled, Scratch, slow, write_bytes)

HISTORIES = ("git-jansson", "git-zlib-ng", "case-sepsis", "case-receipt", "talk-orders")


def events_of(name):
    return os.path.join(FIXTURES, name, "events")


@functools.lru_cache(None)
def read_fixture(name):
    return read_events(events_of(name))


def list_types(*arguments, status=0):
    """The whole listing, checked against its own sums; tokens of the history as "=token"."""
    result = refold("types", "--json", *arguments)
    expect_status(result, status, " ".join(map(str, arguments)))
    listing = json.loads(result.stdout)
    h = listing["history"]
    expect(h["objects"], h["read"] + h["unreadable"] + h["foreign"], "objects")
    expect(h["records"] + h["expanded"], h["events"] + h["malformed"] + h["empty"], "records")
    expect(h["events"], h["withdrawn"] + h["unselected"] + h["duplicates"] + h["conflicts"] + h["listed"], "events")
    if listing["types_total"] == len(listing["types"]):
        expect(h["listed"], sum(t["events"] for t in listing["types"]) + listing["unlisted_events"], "listed")
        expect(h["conflicts"], sum(t["conflicts"] for t in listing["types"]), "conflicts")
        if not listing["unlisted_events"]:
            expect(h["duplicates"], sum(t["duplicates"] for t in listing["types"]), "duplicates")
            steps = sum(n["count"] for t in listing["types"] for n in t["after"]) + listing["unlisted_transitions"]
            expect(h["listed"], h["instances"] + steps, "each event is the first of its instance, or behind another")
    listing["types"] = tokens_as_text(load(result.stdout.decode("utf-8"))["types"])
    return listing


def expect_listing(got, wanted, what):
    """The first difference, not all of them."""
    expect([(t.get("aggregate"), t["type"]) for t in got], [(t.get("aggregate"), t["type"]) for t in wanted],
           what + ": types")
    for got_type, wanted_type in zip(got, wanted):
        here = "%s: %s" % (what, wanted_type["type"])
        for got_path, wanted_path in zip(got_type["paths"], wanted_type["paths"]):
            expect(got_path, wanted_path, here)
        expect(got_type, wanted_type, here)


def write_history(folder, records, objects=1):
    """Records as they are, or as bytes, dealt to objects in turn."""
    lines = [r if isinstance(r, bytes) else lines_of([r]) for r in records]
    for number in range(objects):
        write_bytes(os.path.join(folder, "2020/01/01/%02d/x.json" % number), b"".join(lines[number::objects]))


def flat(kind, data, identity="a", version=1, **more):
    return dict({"aggregateType": "thing", "aggregateId": identity, "version": version, "type": kind,
                 "at": "2020-01-01T00:00:00Z", "data": data}, **more)


# ---- real histories --------------------------------------------------------------------------------


@slow
def test_histories_are_listed_as_a_slow_catalogue_does():
    for name in HISTORIES:
        listing = list_types(events_of(name))
        expect_listing(listing["types"], catalogue(read_fixture(name)), name)
        expect(listing["damage_total"], 0, name)


def test_counts_by_type_are_those_of_the_source():
    for name in HISTORIES[:4]:
        with open(os.path.join(FIXTURES, name, "oracle", "facts.json"), encoding="utf-8") as f:
            facts = json.load(f)
        listing = list_types(events_of(name))
        expect({t["type"]: t["events"] for t in listing["types"]}, facts["by_type"], name + ": by_type")
        expect(sum(t["duplicates"] for t in listing["types"]), facts.get("duplicates_delivered", 0), name + ": duplicates")
        counts = {"file": facts.get("aggregates"), "case": facts.get("cases")}
        expect(sum(t["starts"] for t in listing["types"]), counts[listing["types"][0]["aggregate"]], name + ": instances")


@slow
def test_who_handles_a_type():
    config = {"aggregates": {"order": {"plugin": aggregate("order"),
                                       "skip": [{"type": "OrderPaid", "reason": "for the test"}]}}}
    declared = ["OrderApproved", "OrderCancelled", "OrderCreated", "OrderDelivered", "OrderItemAdded", "OrderRefunded",
                "OrderShipped"]
    rows = [
        (("-a", aggregate("order")), "talk-orders", "order",
         lambda _, kind: ("declared", "order")),
        (("-a", aggregate("file")), "talk-orders", "file", lambda _, kind: ("undeclared", "file")),
        (("-a", aggregate("case")), "talk-orders", "case", lambda _, kind: ("any", "case")),
        (("-a", aggregate("case"), "-a", aggregate("order")), "talk-orders", "order",
         lambda _, kind: ("declared", "order")),
        (("-a", aggregate("order")), "git-jansson", None, lambda _, kind: ("unclaimed", None)),
        (("-a", aggregate("case"), "-a", aggregate("file")), "git-jansson", None, lambda _, kind: ("declared", "file")),
        (None, "talk-orders", "order",
         lambda _, kind: ("declared" if kind in declared else "skipped", "order")),
    ]
    for arguments, name, only, handling in rows:
        with Scratch() as scratch:
            path = os.path.join(scratch, "refold.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(config, f)
            listing = list_types(*(("-C", path) if arguments is None else arguments), events_of(name))
        wanted = catalogue(read_fixture(name), handling, lambda event: only or event.aggregate)
        expect_listing(listing["types"], wanted, "%s %s" % (arguments, name))
    expect([u["type"] for u in list_types("-a", aggregate("order"), events_of("git-jansson"))["unseen"]],
           sorted(declared + ["OrderPaid"]), "unseen")
    expect(list_types("-a", aggregate("order"), events_of("talk-orders"))["unseen"], [], "all are seen")


def test_listings_follow_their_schema():
    listings = {name: refold("types", "--json", events_of(name)).report for name in HISTORIES}
    for name in HISTORIES:
        for row in listings[name]["types"]:
            row["paths"] = row["paths"][::5]  # a validator takes long
    with Scratch() as scratch:
        rng = random.Random(0)
        for damaged in (False, True):
            write_hostile(os.path.join(scratch, str(damaged)), damaged)
        write_history(os.path.join(scratch, "made up"), make_records(rng))
        write_history(os.path.join(scratch, "map"), [flat("A", {"m": {"k%d" % n: n for n in range(150)}})])
        write_history(os.path.join(scratch, "empty"), [])
        for name in ("False", "True", "made up", "map", "empty", "not there"):
            listings[name] = refold("types", "--json", os.path.join(scratch, name)).report
        listings["aggregates"] = refold("types", "--json", "-a", aggregate("order"), "-a", aggregate("file"),
                                        events_of("git-jansson")).report
        listings["usage"] = refold("types", "--json", "-a", "no.so", scratch).report
    expect([listings[n]["exit"] for n in ("False", "True", "map", "empty", "not there", "usage")], [0, 3, 0, 2, 2, 2], "exit")
    check_schema("types.schema.json", listings)


# ---- the order of things ---------------------------------------------------------------------------


@sampled
def test_neither_jobs_nor_objects_nor_memory_change_the_listing():
    for name in ("case-sepsis", "talk-orders"):
        wanted = refold("types", "--json", "-j1", events_of(name)).stdout
        for options in part_of((("-j8",), ("-j2",), ("-j64",), ("-j3", "--memory", "64K")), 3):
            got = refold("types", "--json", *options, events_of(name)).stdout
            expect(re.sub(rb'"timing".*', b"", got), re.sub(rb'"timing".*', b"", wanted), "%s %s" % (name, options))
        rng = random.Random(name)
        with Scratch() as scratch:
            lines = []
            for event in read_fixture(name):
                head = {"d": event.data, "t": event.type} if event.aggregate is None else {
                    "aggregateType": event.aggregate, "aggregateId": event.id, "version": event.version,
                    "type": event.type, "at": stamp(event.at), "data": event.data}
                lines.append(write_value(head).encode("utf-8") + b"\n")
            rng.shuffle(lines)
            write_history(scratch, lines, 7)
            expect_listing(list_types(scratch)["types"], list_types(events_of(name))["types"], name + ": dealt anew")


def write_value(value):
    """JSON with number tokens as they were."""
    if isinstance(value, Token):
        return str.__str__(value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (json.dumps(k), write_value(v)) for k, v in value.items())
    if isinstance(value, list):
        return "[%s]" % ",".join(map(_write, value))
    return json.dumps(value)


# ---- made-up histories -----------------------------------------------------------------------------

SCALARS = ["null", "true", "false", "0", "-0", "1", "-1", "9007199254740992", "9007199254740993", "-9007199254740993",
           "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1.0", "1.00", "10e-1", "1e400", "-1e400",
           "1e-400", "0.1", "0.10", "9007199254740992.0", "-9007199254740992.0", "1" * 64, "1" * 65, "0." + "3" * 70,
           '""', '"a"', '"\\u0061"', '"b"', '"\\""', '"\\u0000"', '"\\ud83e\\udde8"', '"' + "\u00e4" * 32 + '"',
           '"' + "\u00e4" * 32 + 'x"', '"' + "x" * 63 + '\u00e4"', '"' + "x" * 64 + '"', '"' + "x" * 65 + '"', '"1"', '"null"',
           '"2020-01-01T00:00:00Z"', '"2019-12-31T23:59:60Z"', '"2020-01-01T00:00:00.000000001+01:00"',
           '"2020-02-30T00:00:00Z"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999999Z"',
           '"9999-12-31T23:59:59-01:00"', '"2020-01-01t00:00:00z"', '"2020-01-01T00:00:00,5Z"', '"2020-01-01"']
NAMES = ["a", "b", "*", "", "a/b", "~", "~1", "\u00e4", "A" * 70, "\u0000", "\"", "0"]


def make_value(rng, depth):
    roll = rng.random()
    if depth > 3 or roll < 0.6:
        return rng.choice(SCALARS[:rng.choice((3, 12, len(SCALARS)))])
    if roll < 0.75:
        return "[%s]" % ",".join(make_value(rng, depth + 1) for _ in range(rng.randrange(4)))
    names = [rng.choice(NAMES) for _ in range(rng.randrange(5))]  # one twice at times
    return "{ %s}" % " ,".join("%s : %s" % (json.dumps(n), make_value(rng, depth + 1)) for n in names)


def make_records(rng):
    """Lines of a history: what is delivered twice, versionless instances, types that share an aggregate."""
    lines = []
    for number in range(rng.randrange(1, 40)):
        versionless = rng.random() < 0.2
        for version in range(rng.choice((0, 1)), rng.randrange(2, 9)):
            head = {"aggregateId": "i%d" % number, "type": rng.choice("ABC") + rng.choice(HOSTILE[:rng.choice((1, 4, 30))])}
            if number % 3:
                head["aggregateType"] = "thing%d" % (number % 2)
            if versionless:
                head["id"] = "e%d" % version
            else:
                head["version"] = version
            head["at"] = "20%02d-01-01T00:00:%02d.%dZ" % (rng.randrange(30), rng.randrange(60), rng.randrange(1, 9))
            line = (json.dumps(head)[:-1] + ', "data": %s}\n' % make_value(rng, 0)).encode("utf-8", "surrogatepass")
            lines += [line] * (1 + (rng.random() < 0.1))
    rng.shuffle(lines)
    return lines


def test_made_up_histories_are_listed_as_a_slow_catalogue_does():
    for seed in range(40):
        rng = random.Random(seed)
        with Scratch() as scratch:
            write_history(scratch, make_records(rng), rng.randrange(1, 5))
            listing = list_types("-j%d" % rng.choice((1, 2, 8)), scratch)
            expect_listing(listing["types"], catalogue(read_events(scratch)), "seed %d" % seed)


@slow
def test_many_events_of_many_instances():
    """Enough of them that each thread has parts of its own."""
    rng = random.Random(1)
    values = [make_value(rng, 0) for _ in range(300)]
    lines = []
    for number in range(4000):
        for version in range(1, rng.randrange(2, 5)):
            head = json.dumps({"aggregateType": "thing", "aggregateId": "i%d" % number, "version": version,
                               "type": "T%d" % rng.randrange(40), "at": "2020-01-01T00:00:00Z"})
            lines.append((head[:-1] + ', "data": {"m": {"k%d": %s}, "v": %s}}\n' % (
                rng.randrange(60 if version == 1 else 3), rng.choice(values), rng.choice(values))).encode("utf-8"))
    with Scratch() as scratch:
        write_history(scratch, lines, 4)
        wanted = catalogue(read_events(scratch))
        for jobs in ("-j1", "-j8"):
            expect_listing(list_types(jobs, scratch)["types"], wanted, jobs)


# ---- bounds ----------------------------------------------------------------------------------------


def listing_of(records, *options):
    """The listing of a history, the same for one job and many."""
    with Scratch() as scratch:
        write_history(scratch, records, 3)
        listings = [list_types(jobs, *options, scratch) for jobs in ("-j1", "-j8")]
        text = refold("types", "-v", scratch).stdout.decode("utf-8")
    for listing in listings:
        listing.pop("timing")
    expect(listings[0], listings[1], "one job, and eight")
    return listings[0], text


def test_more_keys_than_a_record_has_are_a_map():
    for count in (99, 100, 101, 5000):
        records = [flat("Stocked", {"stock": {"k%d" % n: {"x": [n], "pieces": n % 7}}}, "i%d" % n) for n in range(count)]
        listing, text = listing_of(records)
        paths = {p["path"]: p for p in listing["types"][0]["paths"]}
        expect("/stock/k1/pieces" in paths, count <= 100, "%d keys: are told apart" % count)
        expect(paths["/stock"].get("map", False), count > 100, "%d keys: map" % count)
        expect(("many keys, taken for a map" in text), count > 100, "%d keys: said" % count)
        if count > 100:
            expect(len(paths), 6, "%d keys: paths" % count)
            expect(paths["/stock/*/pieces"]["count"], count, "%d keys: count" % count)
            expect("events" in paths["/stock/*/pieces"], False, "in how many events is not known")
            expect(len(paths["/stock/*/pieces"]["values"]), 7, "values")
        with Scratch() as scratch:
            write_history(scratch, records, 3)
            expect_listing(listing["types"], catalogue(read_events(scratch)), "%d keys" % count)


def test_a_map_in_one_event_only():
    records = [flat("A", {"m": {"k%d" % n: n for n in range(150)}}), flat("A", {"m": {}}, "b"),
               flat("A", {"m": {"k1": None}}, "c")]
    listing, _ = listing_of(records)
    paths = {p["path"]: p for p in listing["types"][0]["paths"]}
    expect((paths["/m/*"]["count"], paths["/m/*"]["of"], paths["/m/*"]["kinds"]), (151, 3, {"integer": 150, "null": 1}), "/m/*")


def test_more_paths_than_a_type_may_have():
    """Objects of 90 keys in objects of 90 keys: none is a map by itself."""
    records = [flat("Wide", {"a%d" % n: {"b%d" % m: {"c": m} for m in range(90)}}, "i%d" % n) for n in range(90)]
    listing, text = listing_of(records)
    shape = listing["types"][0]
    expect(shape["limits"], ["paths"], "limits")
    assert len(shape["paths"]) <= 4000, len(shape["paths"])
    assert "more than 4000 paths" in text, text[-2000:]
    leaves = [p for p in shape["paths"] if p["path"].endswith("/c")]
    expect(sum(p["count"] for p in leaves), 90 * 90, "nothing is lost")


def test_deeper_than_paths_go():
    for depth in (15, 16, 17, 400):
        value = 1
        for _ in range(depth):
            value = {"d": value}
        listing, text = listing_of([flat("Deep", value), flat("Deep", [[]] * 3, "b")])
        expect(listing["types"][0]["limits"], ["depth"] if depth > 16 else [], "%d steps" % depth)
        expect("deeper than 16 steps" in text, depth > 16, "%d steps: said" % depth)
        expect(max(p["path"].count("/") for p in listing["types"][0]["paths"]), min(depth, 16), "%d steps" % depth)


def test_values_and_their_bounds():
    for count in (1, 15, 16, 17, 1000):
        values = ["v%04d" % n for n in range(count)]
        listing, _ = listing_of([flat("A", {"v": v}, v) for v in values])
        path = listing["types"][0]["paths"][1]
        expect([v["value"] for v in path.get("values", [])], values if count <= 16 else [], "%d values" % count)
        expect([v["value"] for v in path.get("examples", [])], values[:3] if count > 16 else [], "%d values" % count)


# ---- hostile names ---------------------------------------------------------------------------------


def test_hostile_names_and_values_in_all_forms():
    with Scratch() as scratch:
        write_hostile(scratch, damaged=False)
        listing = list_types(scratch)
        expect_listing(listing["types"], catalogue(read_events(scratch)), "hostile")
        for form in ("", "-v", "-q", "--json", "--color=never", "--dot"):
            check_printable(refold("types", *form.split(), scratch), form)
        check_dot(refold("types", "--dot", scratch), [(t["type"], t["events"]) for t in listing["types"]])
        for hostile in HOSTILE:
            if "\0" not in hostile:
                one = list_types("--type=" + hostile, scratch)
                expect([t["type"] for t in one["types"]], [hostile], "--type %r" % hostile)
                check_printable(refold("types", "--type=" + hostile, scratch), "--type %r" % hostile)
    with Scratch() as scratch:
        write_hostile(scratch, damaged=True)
        list_types(scratch, status=3)
        for form in ("", "-v", "-q", "--json", "--dot"):
            check_printable(refold("types", *form.split(), scratch), "damaged, " + form)


def test_hostile_keys():
    records = [flat("A", {h: {h: h}, "list": [{h: 1}]}, "i%d" % n) for n, h in enumerate(HOSTILE)]
    with Scratch() as scratch:
        write_history(scratch, records)
        expect_listing(list_types(scratch)["types"], catalogue(read_events(scratch)), "hostile keys")
        for form in ("-v", "--json"):
            check_printable(refold("types", *form.split(), scratch), "keys, " + form)


def check_dot(result, types):
    """Graphviz takes it, and shows every name and count once; an escape that it took for its own would lack."""
    # The radial layout takes a second where the layered one takes minutes; what is read is the same.
    dot = ["dot", "-Ktwopi", "-Gsplines=line"]
    done = subprocess.run(dot + ["-Tplain"], input=result.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    expect((done.returncode, done.stderr), (0, b""), "dot -Tplain")
    labels = re.findall(r'^node t\d+ \S+ \S+ \S+ \S+ ("(?:[^"\\]|\\.)*"|\S+) ', done.stdout.decode("utf-8"), re.M)
    expect(len(labels), len(types), "nodes")
    counts = sorted(int(re.search(r"\\n(\d+)\"?$", label).group(1)) for label in labels)
    expect(counts, sorted(count for _, count in types), "counts")
    svg = subprocess.run(dot + ["-Tsvg"], input=result.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    expect((svg.returncode, svg.stderr), (0, b""), "dot -Tsvg")
    texts = re.findall(r"<text [^>]*>(.*?)</text>", svg.stdout.decode("utf-8"), re.S)
    shown = {unescape(t) for t in texts}
    for name, _ in types:
        if re.fullmatch(r"[\x21-\x7e]{1,60}", name) and "##" not in name:
            assert name.replace("\\", "\\\\") in shown, "%r is not among %r" % (name, sorted(shown)[:200])


def unescape(text):
    text = re.sub(r"&#(\d+);", lambda m: chr(int(m.group(1))), text)
    for name, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("amp", "&")):
        text = text.replace("&%s;" % name, character)
    return text.replace("\u00a0", " ")


def test_graphs_of_real_histories():
    for name in HISTORIES:
        listing = list_types(events_of(name))
        result = refold("types", "--dot", events_of(name))
        expect_status(result, 0, name)
        check_dot(result, [(t["type"], t["events"]) for t in listing["types"]])
        edges = sorted(map(int, re.findall(r'-> t?\w+ \[label="(\d+)"', result.stdout.decode("utf-8"))))
        wanted = sorted([n["count"] for t in listing["types"] for n in t["after"]] +
                        [t[end] for t in listing["types"] for end in ("starts", "ends") if t[end]])
        expect(edges, wanted, name + ": edges")


# ---- selections and damage -------------------------------------------------------------------------


def test_selections():
    name = "git-jansson"
    everything = read_fixture(name)
    until = "2010/01"
    with Scratch() as scratch:
        source = os.path.join(scratch, "events")
        os.symlink(events_of(name), source)
        listing = list_types("--until", until, source)
        keys = [os.path.relpath(p, events_of(name)) for p in objects(events_of(name))]
        kept = [e for e in everything if keys[e.origin[0]] < until]
        assert 0 < len(kept) < len(everything)
        expect(listing["history"]["events"], len(kept), "--until: events")
        ids = sorted({e.id for e in everything})[:3]
        some = list_types(*[w for i in ids for w in ("--id", i)], source)
        expect_listing(some["types"], catalogue([e for e in everything if e.id in ids]), "--id")
        one = list_types("--type", "FileDeleted", source)
        expect_listing(one["types"], [t for t in catalogue(everything) if t["type"] == "FileDeleted"], "--type")
        expect(one["types_total"], 3, "types_total")
        at = "2012-01-01T00:00:00Z"
        cut = list_types("--as-of", at, source)
        expect(sum(t["events"] for t in cut["types"]), cut["history"]["listed"], "--as-of: listed")
        assert 0 < cut["history"]["unselected"] < len(everything)
        assert all(t["last"] <= at for t in cut["types"]), [t["last"] for t in cut["types"]]


def test_conflicts_are_counted_with_the_type_of_the_version():
    records = [flat("A", {"v": 1}), flat("B", {"v": 2}), flat("A", {"v": 1}), flat("A", {"v": 3}), flat("B", {}, version=2)]
    with Scratch() as scratch:
        write_history(scratch, records)
        listing = list_types(scratch, status=3)
        expect_listing(listing["types"], catalogue(read_events(scratch)), "conflicts")
        expect((listing["damage_total"], listing["damaged"]), (2, True), "damage")


def test_broken_objects_are_not_listed_and_said():
    with Scratch() as scratch:
        write_history(scratch, [flat("A", {"v": 1})])
        whole = gzip.compress(lines_of([flat("B", {}, "b%d" % n) for n in range(50)]), mtime=0)
        write_bytes(os.path.join(scratch, "2020/01/01/05/y.gz"), whole[:-9])
        listing = list_types(scratch, status=3)
        expect([t["type"] for t in listing["types"]], ["A"], "types")
        expect((listing["history"]["withdrawn"] > 0, listing["history"]["unreadable"]), (True, 1), "withdrawn")
        kept = list_types("--keep-partial", scratch, status=3)
        assert [t["type"] for t in kept["types"]] == ["B", "A"], kept["types"]
