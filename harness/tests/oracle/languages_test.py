# SPDX-License-Identifier: MIT
"""`order` in C, C++, Go and Rust is one aggregate: goldens, reports, the states of an instance and what scenarios say are
the same bytes, whatever the history, and of the same planted bug too. Only the hashes of the builds differ."""

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys

import languages
import odd_orders
from orders_test import big_history
from support import (
    canonical, expect, expect_status, FIXTURES, in_full, objects, parallel, part_of, read_bytes, refold, ROOT, sampled,
    Scratch, slow, without_timing, write_bytes)

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


class Place:
    """A folder of one language: its builds have the same names there as those of all others."""

    def __init__(self, scratch, language):
        self.language = language
        self.folder = os.path.join(scratch, language)
        self.hashes = {}
        os.makedirs(self.folder)

    def put(self, name, bug=None):
        target = os.path.join(self.folder, name)
        shutil.copy(languages.order(self.language, bug), target)
        self.hashes[hashlib.sha256(read_bytes(target)).hexdigest()] = name
        return name

    def refold(self, *arguments, status=None, **keywords):
        """What can be held against the other languages: status, both outputs, without time and the builds' hashes."""
        result = refold(*arguments, cwd=self.folder, timeout=600, **keywords)
        if status is not None:
            expect_status(result, status, "%s: %s" % (self.language, " ".join(map(str, arguments))))
        found = [result.status]
        for text in (result.stdout, result.stderr_bytes):
            for number, name in self.hashes.items():
                text = text.replace(number.encode(), b"hash of " + name.encode())
            found.append(re.sub(rb'(?m)^time: .*| time="[0-9.]+"', b"", text))
        if "json" in arguments:
            found[1] = json.dumps(without_timing(json.loads(found[1])), sort_keys=True)
        return found

    def files(self, folder):
        top = os.path.join(self.folder, folder)
        return {os.path.relpath(path, top): read_bytes(path) for path in objects(top)}


def check_alike(work, wanted=None):
    """work(place) gives what is named and compared, for each language; returns that of C."""
    with Scratch() as scratch:
        names = wanted or languages.installed()
        found = dict(zip(names, parallel(lambda language: work(Place(scratch, language)), names)))
    for language in names:
        expect(sorted(found[language]), sorted(found["c"]), language + ": what was looked at")
        for what, value in found["c"].items():
            expect(found[language][what], value, "%s: %s" % (language, what))
    return found["c"]


def bless(place, history, *options):
    """The golden's files, and what was said."""
    place.put("order")
    said = place.refold("bless", *options, "-a", "order", "-g", "golden", history, status=0)
    files = place.files("golden")
    expect(sorted(files), ["order.meta.json", "order.ndjson"], place.language + ": files")
    return {"said": said, **files}


def made_history(folder, events):
    subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), folder, "--events", str(events), "--objects", "6",
                    "--level", "1"], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "events")


# ---- goldens -----------------------------------------------------------------------------------------------------


def test_goldens_of_the_talks_orders_are_alike():
    found = check_alike(lambda place: bless(place, os.path.join(FIXTURES, "talk-orders", "events")))
    expect(found["order.ndjson"].count(b"\n"), 2500, "orders")


@sampled
def test_goldens_of_made_orders_are_alike_and_known():
    with Scratch() as scratch:
        history = made_history(scratch, 20000 if in_full() else 5000)
        found = check_alike(lambda place: bless(place, history))
        with open(os.path.join(scratch, "golden", "order.ndjson"), encoding="utf-8") as f:
            known = [json.loads(line) for line in f]
    states = [json.loads(line) for line in found["order.ndjson"].splitlines()]
    expect([{k: line[k] for k in ("id", "state", "version")} for line in states], known, "as their maker knows them")


@slow
def test_goldens_of_a_million_events_are_alike_and_known():
    folder, facts = big_history()
    history = os.path.join(folder, "events")

    def work(place):
        found = bless(place, history)
        found["known"] = place.refold("run", "-r", "json", "-a", "order", "-g", os.path.join(folder, "golden"), history, status=0)
        return found

    found = check_alike(work)
    expect(json.loads(found["known"][1])["aggregates"][0]["same"], facts["orders"], "orders that are the same")


def check_odd(seed, orders):
    """Goldens, and reports by any number of jobs and with all of them folded in other worlds."""
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        odd_orders.write_history(history, seed, orders, False)

        def work(place):
            found = bless(place, history)
            for jobs in ("1", "2"):
                found["jobs " + jobs] = place.refold("run", "-j", jobs, "-a", "order", "-g", "golden", history, status=0)
            found["json"] = place.refold("run", "-r", "json", "-a", "order", "-g", "golden", history, status=0)
            found["purity"] = place.refold("run", "-r", "json", "--purity=all", "-a", "order", "-g", "golden", history, status=0)
            return found

        found = check_alike(work)
    report = json.loads(found["json"][1])
    tally = report["aggregates"][0]
    expect((tally["instances"], tally["same"], report["damage_total"]), (orders, orders, 0), "orders")
    reasons = [line["rejected"]["message"] for line in map(json.loads, found["order.ndjson"].splitlines()) if "rejected" in line]
    assert orders / 10 < len(reasons) < orders / 2 and len(set(reasons)) > (5 if orders >= 200 else 3), (len(reasons), set(reasons))


@sampled
@slow
def test_goldens_of_odd_orders_are_alike():
    check_odd(20261126, 200 if in_full() else 100)


@slow
def test_goldens_of_many_odd_orders_are_alike():
    for seed in range(1, 4):
        check_odd(seed, 2000)


def check_damaged(seed, orders):
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        odd_orders.write_history(history, seed, orders, True)

        def work(place):
            place.put("order")
            return {verb: place.refold(verb, "-r", "json", "-a", "order", "-g", "golden", *more, history, status=3)
                    for verb, more in (("run", ["--no-compare"]), ("bless", []))}

        found = check_alike(work)
    report = json.loads(found["run"][1])
    kinds = {damage["kind"] for damage in report["damage"]}
    assert {"gap", "conflict", "malformed"} <= kinds and report["aggregates"][0]["rejected"] > 0, kinds


def test_reports_of_damaged_odd_orders_are_alike():
    check_damaged(7, 200)


@slow
def test_reports_of_many_damaged_odd_orders_are_alike():
    for seed in range(1, 4):
        check_damaged(seed, 2000)


# ---- all else that a build is asked ------------------------------------------------------------------------------


def chosen_ids(golden, count):
    lines = [json.loads(line) for line in golden.splitlines()]
    rng = random.Random(4)
    refused = [line["id"] for line in lines if "rejected" in line]
    return [line["id"] for line in rng.sample(lines, count)] + rng.sample(refused, min(count, len(refused)))


@sampled
def test_an_instance_is_shown_alike():
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        odd_orders.write_history(history, 11, 120, False)
        with Scratch() as other:
            place = Place(other, "c")
            ids = chosen_ids(bless(place, history)["order.ndjson"], 2)
        ids = [identity for identity in ids if "\0" not in identity and not identity.startswith("-")]

        def work(place):
            place.put("order")
            found = {}
            for identity in ids:
                for options in part_of(((), ("-q",), ("--blame",), ("--path", "/totalCents"), ("-v",), ("--at", "1")), 2):
                    found[identity, options] = place.refold("show", *options, "-a", "order", identity, history)
            return found

        found = check_alike(work)
    expect({result[0] for result in found.values()}, {0}, "statuses")
    expect(any(b"totalCents" in result[1] for what, result in found.items() if what[1] == ()), True, "there is something to see")


@sampled
def test_folds_that_go_on_from_a_golden_are_alike():
    with Scratch() as scratch:
        events = 5000 if in_full() else 1500
        history = made_history(scratch, events)

        def work(place):
            place.put("order")
            first = place.refold("bless", "--until", "2017-03-01T03", "-a", "order", "-g", "until", history)
            found = {"until": first, "files until": place.files("until")}
            found["from"] = place.refold("bless", "--from", "until", "-a", "order", "-g", "golden", history, status=0)
            found["files"] = place.files("golden")
            found["whole"] = place.refold("run", "-r", "json", "-a", "order", "-g", "golden", history, status=0)
            return found

        found = check_alike(work)
    expect(json.loads(found["whole"][1])["aggregates"][0]["changed"], 0, "changed")
    assert b" covered" in found["from"][1] + found["from"][2] or json.loads(found["whole"][1])["history"]["folded"] > events - 100, found["from"]


@slow
def test_private_values_are_hashed_alike():
    """refold hashes them, whatever language gave the state: private:test_hashes_are_those_of_another_hand shows how, and the
    tests above that it is given the same state."""
    config = {"streams": [{"match": "*", "aggregate": "order", "envelope": "auto"}],
              "aggregates": {"order": {"plugin": "order", "private": ["/totalCents", "/createdAt"]}}}
    with Scratch() as scratch:
        history = made_history(scratch, 3000)
        secret = os.path.join(scratch, "key")
        write_bytes(secret, KEY.encode())
        os.chmod(secret, 0o600)

        def work(place):
            place.put("order")
            place.put("new", "an item counts for two")
            write_bytes(os.path.join(place.folder, "refold.json"), canonical(config).encode())
            found = {"said": place.refold("bless", "--private-key-file", secret, "-g", "golden", history, status=0), **place.files("golden")}
            found["run"] = place.refold("run", "-r", "json", "--private-key-file", secret, "-g", "golden", history, status=0)
            found["new"] = place.refold("run", "-r", "json", "--private-key-file", secret, "-a", "new", "-g", "golden", history, status=1)
            return found

        found = check_alike(work)
    expect(b'"totalCents":"hmac:' in found["order.ndjson"], True, "it is hashed")


SCENARIOS = """scenario: what is not decided
given OrderCreated
when ApproveOrder
then OrderShipped
state {"status": "shipped"}

scenario: an event that is refused
given OrderItemAdded {"Qty": 3.0, "PriceCents": 1}
state {"items": 1}

scenario: refused otherwise
when ShipOrder
then refused "order is shipped"

scenario: a state that is otherwise
given OrderItemAdded at 9999-12-31T23:59:59.999999999Z {"Qty": 9223372036854775807, "PriceCents": 1}
state exactly {"items": 2}

scenario: odd names
id \u00e4\u202e/\U0001f600
given OrderCreated at 0001-01-01T00:00:00Z
when ApproveOrder at 0001-01-01T00:00:00.000000001Z
then exactly OrderApproved
state {"updatedAt": "0001-01-01T00:00:00.000000001Z"}
"""


UNKNOWN = "scenario: a command that no one knows\nwhen SingOrder\nthen OrderSung\n"


def test_scenarios_are_played_alike():
    shipped = [os.path.join(FIXTURES, "scenarios", name) for name in sorted(os.listdir(os.path.join(FIXTURES, "scenarios")))]
    with Scratch() as scratch:
        odd = os.path.join(scratch, "odd.scenario")
        unknown = os.path.join(scratch, "unknown.scenario")
        write_bytes(odd, SCENARIOS.encode())
        write_bytes(unknown, UNKNOWN.encode())

        def work(place):
            place.put("order")
            return {"shipped": place.refold("scenario", "-a", "order", *shipped, status=0),
                    "unknown": place.refold("scenario", "-a", "order", unknown, status=2),
                    **{name: place.refold("scenario", "-a", "order", *words, odd) for name, words in
                       (("text", ()), ("json", ("-r", "json")), ("junit", ("-r", "junit")))}}

        found = check_alike(work)
    expect(found["text"][0], 1, "some fail")
    expect(b"order is not approved" in found["text"][1], True, "why it is refused")


# ---- the same bug ------------------------------------------------------------------------------------------------


def check_bug(history, bug, jobs):
    """compare of the same change says the same in each language: in text and in JSON."""
    def work(place):
        place.put("order")
        place.put("new", bug)
        return {form: place.refold("compare", "-r", form, *words, "order", "new", history, status=1)
                for form, words in (("json", ("-j", jobs)), ("text", ("-v",)))}

    report = json.loads(check_alike(work)["json"][1])
    expect([b["file"] for b in report["proof"]["builds"]], ["order", "new"], bug)
    assert report["differences_total"] > 0 and sum(c["count"] for c in report["clusters"]) == report["differences_total"], bug
    return report


@slow
def test_a_planted_bug_is_reported_alike():
    """A bug in another language is found by test_builds_of_two_languages_are_the_same too."""
    with Scratch() as scratch:
        report = check_bug(made_history(scratch, 20000), "the fifth event's item is forgotten", "2")
    expect([(c["event"], c["paths"]) for c in report["clusters"]], [("OrderItemAdded", ["/items"])], "clusters")


@slow
def test_each_planted_bug_is_reported_alike():
    with Scratch() as scratch:
        made = made_history(os.path.join(scratch, "made"), 20000)
        odd = os.path.join(scratch, "odd")
        odd_orders.write_history(odd, 5, 600, False)
        for bug in languages.BUGS:
            for number, history in enumerate((made, odd)):
                check_bug(history, bug, "%d" % (1 + number))


@slow
def test_builds_of_two_languages_are_the_same():
    """compare of C and each other language, in either order."""
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        odd_orders.write_history(history, 3, 300, False)
        made = made_history(os.path.join(scratch, "made"), 5000 if in_full() else 1500)
        others = [language for language in languages.installed() if language != "c"]
        pairs = [("c", other) for other in others] + [(others[-1], "c")]
        for events, chosen in ((history, part_of(pairs[::-1], 2)), (made, part_of(pairs[-2::-1] + pairs[-1:], 2))):
            for pair in chosen:
                result = refold("compare", "-r", "json", *map(languages.order, pair), events)
                expect_status(result, 0, "%s and %s" % pair)
                tally = result.report["aggregates"][0]
                expect((tally["changed"], tally["same"]), (0, tally["instances"]), "%s and %s" % pair)
        bug = languages.order(others[-1], "a refund is added")
        report = refold("compare", "-r", "json", languages.order("c"), bug, made).report
        assert report["exit"] == 1 and report["differences_total"] > (10 if in_full() else 1), "a bug in another language is found"
