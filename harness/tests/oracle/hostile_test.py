# SPDX-License-Identifier: MIT
"""Reports and configs against their schemas; and output that stays printable, whatever history holds."""

import json
import os
import re
import shutil

from hostile import CASE, EVENTS_EACH, HOSTILE, check_printable, event, hostile_golden, hostile_names, write_hostile
from support import (
    aggregate, cases, check_sums, expect, expect_status, facts_of_files, fault, FIXTURES, in_full, lines_of, objects,
    plugin, read_bytes, read_golden, refold, ROOT, run_json, sampled, Scratch, total, with_package, write_bytes,
    write_golden)

SCHEMAS = os.path.join(ROOT, "reports", "schema")

VALIDATE = """
import json, sys
import jsonschema
schema, values = json.load(sys.stdin)
validator = jsonschema.Draft7Validator(schema)
validator.check_schema(schema)
print(json.dumps([sorted(e.message[:300] for e in validator.iter_errors(v)) for v in values]))
"""


def schema_errors(name, values):
    """For each value the errors that a validator, no part of refold, has about it."""
    with open(os.path.join(SCHEMAS, name), encoding="utf-8") as f:
        schema = json.load(f)
    return json.loads(with_package("jsonschema", VALIDATE, json.dumps([schema, values]).encode()))


def check_schema(name, reports):
    """reports: what -> value"""
    expect(dict(zip(reports, schema_errors(name, list(reports.values())))), {what: [] for what in reports}, name)


@fault(9)
def test_hostile_strings_in_a_red_run():
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
        write_hostile(source, damaged=False)
        hostile_golden(golden, source)
        results = {form: refold("run", "-a", CASE, "-g", golden, *form.split(), source)
                   for form in ("-r json", "-r text", "-v", "-v -v", "-q", "--color=never")}
        results["bless"] = refold("bless", "-a", CASE, "-g", golden, source)
    for form, result in results.items():
        check_printable(result, form)
        expect_status(result, 0 if form == "bless" else 1, form)
    report = results["-r json"].report
    check_schema("report.schema.json", {"red": report})
    check_sums(report, "red")
    found = {d["id"]: d for d in report["differences"]}
    expect(sorted(found), sorted(HOSTILE + [h + "\x1b missing" for h in HOSTILE]), "ids come through whole")
    for identity in HOSTILE:
        expect(found[identity]["kind"], "changed", identity)
        olds = [c["old"] for c in found[identity]["changes"] if c["path"] == "/lastType"]
        expect(olds[0][-1:] == "!" and olds[0][:-1] in HOSTILE, True, "values come through whole: %r" % olds)
    # The suspect is the last event: it wrote lastType.
    last = {h: (HOSTILE[n:] + HOSTILE[:n])[EVENTS_EACH - 1] for n, h in enumerate(HOSTILE)}
    expect([(i, found[i]["suspect"]["type"], last[i]) for i in HOSTILE if found[i]["suspect"]["type"] != last[i]], [],
           "types come through whole (id, got, wanted)")
    cases(9, len(results) * len(HOSTILE))
    assert len(results["-v"].stdout) > len(results["-q"].stdout) > 0


def test_hostile_strings_in_a_damaged_run():
    with Scratch() as scratch:
        clean, source, golden = (os.path.join(scratch, n) for n in ("clean", "events", "golden"))
        write_hostile(clean, damaged=False)
        write_hostile(source, damaged=True)
        hostile_golden(golden, clean)
        results = {form: refold("run", "-a", CASE, "-g", golden, *form.split(), source)
                   for form in ("-r json", "-r text", "-v", "-v -v", "-q")}
        before = facts_of_files(golden)
        results["bless"] = refold("bless", "-a", CASE, "-g", golden, source)
        expect(facts_of_files(golden), before, "golden")
    for form, result in results.items():
        check_printable(result, form)
        expect_status(result, 3, form)
    report = results["-r json"].report
    check_schema("report.schema.json", {"damaged": report})
    check_sums(report, "damaged")
    victims = range(0, len(hostile_names()), 3)
    count = len(victims)
    named = [HOSTILE[n] for n in victims if not names_a_file(HOSTILE[n])]
    expect(report["history"]["malformed"], 2 * count + len(named), "malformed")
    kinds = {d["kind"] for d in report["damage"]}
    assert {"malformed", "gap", "conflict"} <= kinds, kinds
    assert len({d.get("object") for d in report["damage"]}) >= count, "objects with hostile names"


def names_a_file(name):
    """Whether an aggregate of this name can have a golden; an event of any other is malformed."""
    return re.fullmatch("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", name) is not None and not name.endswith(".pending")


def test_hostile_aggregate_names_name_no_file():
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "deep", "events"), os.path.join(scratch, "deep", "golden")
        path = os.path.join(source, "2020/01/01/00/x.json")
        write_bytes(path, lines_of([event("1", 1, "t", aggregate_name=name) for name in HOSTILE]))
        run = refold("run", "--no-compare", "-r", "json", "-a", CASE, source)
        expect_status(run, 3, "run")
        check_printable(run, "run")
        check_schema("report.schema.json", {"names": run.report})
        fit = [name for name in HOSTILE if names_a_file(name)]
        assert 1 < len(fit) < 6, fit
        expect(sorted(t["name"] for t in run.report["aggregates"] if t["instances"]), sorted(fit), "names")
        expect(run.report["history"]["malformed"], len(HOSTILE) - len(fit), "malformed")
        for name in HOSTILE:
            write_bytes(path, lines_of([event("1", 1, "t", aggregate_name=name)]))
            result = refold("bless", "-a", CASE, "-g", golden, source)
            check_printable(result, "bless of an aggregate named %r" % name)
            expect_status(result, 0 if names_a_file(name) else 3, "bless of an aggregate named %r" % name)
            written = sorted(os.path.relpath(p, golden) for p in objects(scratch) if p != path)
            expect(written, sorted([name + ".ndjson", name + ".meta.json"]) if names_a_file(name) else [],
                   "files, name %r" % name)
            shutil.rmtree(golden, ignore_errors=True)


@sampled
@fault(9)
def test_hostile_arguments_are_quoted_back_printable():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "e/2020/01/01/00/x.json"), lines_of([event("1", 1, "t")]))
        statuses = {}
        for number, text in enumerate(HOSTILE):
            if "\0" in text or len(text) > 200:
                continue
            forms = (["run", "-a", CASE, "no such " + text], ["run", "-a", "no such " + text, "e"],
                     ["run", "-a", CASE, "--until", text, "e"], ["run", "-a", CASE, "--as-of", text, "e"],
                     ["run", "-a", CASE, "-e", text, "e"], ["run", "-a", CASE, "-r", text, "e"],
                     ["run", "-a", CASE, "-g", "no such " + text, "e"], ["--" + text], ["verb " + text],
                     ["run", "-C", "no such " + text, "-a", CASE, "e"], ["run", "--" + text, "e"])
            for arguments in forms if in_full() else forms[number % 3::3]:  # each form with every third text
                result = refold(*arguments, cwd=scratch)
                check_printable(result, repr(arguments))
                statuses[result.status] = statuses.get(result.status, 0) + 1
                assert result.status in (2, 4), (arguments, result.status)
                assert result.stderr_bytes, arguments
    assert statuses.get(2, 0) > (200 if in_full() else 60), statuses
    cases(9, sum(statuses.values()))


# ---- a NUL in a type -------------------------------------------------------------------------------

# Takes every type and refuses those that do not begin with "ok".
PICKY = """
#include <refold/aggregate.h>
struct picky { int64_t events; };
static const refold_type types[] = {REFOLD_TYPE("*", 1)};
static const refold_field fields[] = {REFOLD_INT(struct picky, events, "events")};
static int32_t
apply(void *state, const refold_event *event)
{
    if (event->type.len < 2 || event->type.ptr[0] != 'o' || event->type.ptr[1] != 'k') {
        return refold_reject(event, "no");
    }
    ((struct picky *)state)->events++;
    return REFOLD_OK;
}
REFOLD_AGGREGATE("picky", struct picky, types, fields, apply)
"""
SYMBOL = "\u2400"  # how a NUL is shown in a message


def write_types(path, name, kinds):
    """kinds: id -> types of its events"""
    write_bytes(path, lines_of([event(i, v + 1, kind, aggregate_name=name) for i, all_kinds in kinds.items()
                                for v, kind in enumerate(all_kinds)]))


def check_refused(scratch, name, code, begin, refused, message):
    """Instances that end at a type with a NUL: blessed, then the same; another type is another refusal, also if
    it differs behind its NUL alone."""
    source, golden = os.path.join(scratch, name), os.path.join(scratch, "golden-" + name)
    path = os.path.join(source, "2020/01/01/00/x.json")
    kinds = {"%d" % n: ([begin] if n % 2 else []) + [kind, begin] for n, kind in enumerate(refused)}
    write_types(path, name, kinds)
    expect_status(refold("bless", "-a", code, "-g", golden, source), 0, name + ": bless")
    lines = read_golden(os.path.join(golden, name + ".ndjson"))
    expect({i: line["rejected"] for i, line in lines.items()},
           {"%d" % n: {"message": message % kind.replace("\0", SYMBOL), "type": kind, "version": 1 + n % 2}
            for n, kind in enumerate(refused)}, name + ": lines")
    run = run_json("-a", code, "-g", golden, source)
    expect_status(run, 0, name + ": run")
    expect((run.report["verdict"], total(run.report, "same")), ("same", len(refused)), name + ": run")
    check_sums(run.report, name)
    again = refold("bless", "-r", "json", "-a", code, "-g", golden, source).report["blessed"]
    expect((again["unchanged"], again["files"]), (len(refused), 0), name + ": bless once more")
    for change in (lambda kind: kind + "!", lambda kind: kind.replace("\0", "?"),
                   lambda kind: kind.replace("\0", SYMBOL), lambda kind: kind.split("\0")[0] + "\0" + kind):
        other = {i: [change(k) if k in refused else k for k in all_kinds] for i, all_kinds in kinds.items()}
        write_types(path, name, other)
        run = run_json("-a", code, "-g", golden, source)
        expect_status(run, 1, name + ": other types")
        expect(total(run.report, "changed"), len(refused), name + ": other types")
        wanted = sorted(change(kind) for kind in refused)
        expect(sorted(d["suspect"]["type"] for d in run.report["differences"]), wanted, name + ": suspects")
        expect(sorted(c["event"] for c in run.report["clusters"]), wanted, name + ": a cluster each")
        for difference in run.report["differences"]:
            expect("\0" in difference["message"], False, name + ": message")
            line = lines[difference["id"]]["rejected"]
            expect(difference["message"].endswith("; in the golden as %s: %s" % (
                line["type"].replace("\0", SYMBOL), line["message"])), True, name + ": message")
        check_printable(refold("run", "-v", "-a", code, "-g", golden, source), name)


def test_a_type_with_a_nul_that_is_refused_can_be_blessed():
    kinds = ["Order\0Approved", "Order\0Paid", "OrderApproved\0", "\0OrderApproved", "\0\0", "OrderApproved\0\0"]
    with Scratch() as scratch:
        code = os.path.join(scratch, "picky.c")
        write_bytes(code, PICKY.encode("ascii"))
        check_refused(scratch, "order", aggregate("order"), "OrderCreated", kinds, "unhandled type %s")
        check_refused(scratch, "picky", code, "ok\0x", kinds, "%s: no")


# ---- schemas ---------------------------------------------------------------------------------------


def test_reports_of_all_outcomes_fit_the_schema():
    source = os.path.join(FIXTURES, "talk-orders", "events")
    order = aggregate("order")
    reports = {}
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        reports["bless"] = refold("bless", "-r", "json", "-a", order, "-g", golden, source)
        reports["green"] = run_json("-a", order, "-g", golden, source)
        reports["nothing compared"] = run_json("-a", order, "-g", golden, "--id", "nobody", source)
        reports["not compared"] = run_json("-a", order, "--no-compare", source)
        reports["as of"] = run_json("-a", order, "-g", golden, "--as-of", "2017-06-24T00:00:00Z", source)
        broken = os.path.join(scratch, "events")
        shutil.copytree(source, broken)
        victim = objects(broken)[100]
        write_bytes(victim, read_bytes(victim)[:-3])
        reports["damaged"] = run_json("-a", order, "-g", golden, broken)
        lines = read_golden(os.path.join(golden, "order.ndjson"))
        for number, line in enumerate(lines.values()):
            if number % 10 == 0:
                line["state"]["totalCents"] += 1
        write_golden(golden, "order", {i: (line["version"], line["state"]) for i, line in lines.items()})
        reports["red"] = run_json("-a", order, "-g", golden, source)
        crashes = os.path.join(scratch, "crashes")
        write_bytes(os.path.join(crashes, "2020/01/01/00/x.json"),
                    lines_of([event("segv-1", v, "Added", aggregate_name="crasher") for v in (1, 2)]))
        write_golden(golden, "crasher", {"segv-1": (2, {})})
        reports["crashed"] = run_json("-a", plugin("crasher"), "-g", golden, crashes)
    expect({k: r.status for k, r in reports.items()},
           {"bless": 0, "green": 0, "nothing compared": 2, "not compared": 0, "as of": 0, "damaged": 3, "red": 1,
            "crashed": 1}, "exit statuses")
    values = {k: r.report for k, r in reports.items()}
    for what, value in values.items():
        check_sums(value, what)
        expect(value["exit"], reports[what].status, what + ": exit")
        check_printable(reports[what], what)
    expect({k: v["verdict"] for k, v in values.items()},
           {"bless": "uncompared", "green": "same", "nothing compared": "uncompared", "not compared": "uncompared",
            "as of": "same", "damaged": "damaged", "red": "changed", "crashed": "changed"}, "verdicts")
    assert total(values["red"], "changed") > 100
    check_schema("report.schema.json", values)
    # The schema refuses what no report may be.
    wrong = [dict(values["red"], verdict="same"), dict(values["green"], exit=1), dict(values["green"], more=1),
             {k: v for k, v in values["green"].items() if k != "damage"}]
    expect([bool(errors) for errors in schema_errors("report.schema.json", wrong)], [True] * len(wrong),
           "wrong reports")


def full_config():
    return {
        "$schema": "refold.schema.json", "source": ["history/"], "golden": "golden/", "envelope": "eventsource",
        "layout": "!{timestamp:yyyy/MM/dd/HH}/",
        "streams": [{"match": "orders-*", "aggregate": "order", "envelope": "eventsource"}],
        "aggregates": {"order": {"plugin": aggregate("order"), "ignore": ["/updatedAt"], "first": 1,
                                 "skip": [{"type": "OrderViewed", "reason": "not the order's business"}]}},
        "policy": {"gap": "error", "conflict": "error", "malformed": "error", "errors": "error", "unblessed": "count",
                   "unclaimed": "count"},
        "limits": {"memory": "4G", "timeout": "10s"}, "prices": {"currency": "\u20ac \u00e4 12345678901"},
    }


def wrong_configs():
    """what -> a config that neither the schema nor refold takes"""
    found = {}

    def add(what, change):
        config = full_config()
        change(config)
        found[what] = config

    add("unknown key", lambda c: c.update(goldne="x"))
    add("unknown key of a stream", lambda c: c["streams"][0].update(aggregat="x"))
    add("unknown key of an aggregate", lambda c: c["aggregates"]["order"].update(plug="x"))
    add("unknown key of a skip", lambda c: c["aggregates"]["order"]["skip"][0].update(why="x"))
    add("unknown key of the policy", lambda c: c["policy"].update(gaps="count"))
    add("unknown key of the limits", lambda c: c["limits"].update(time="1s"))
    add("no such policy", lambda c: c["policy"].update(gap="ignore"))
    add("a source that is no array", lambda c: c.update(source="history/"))
    add("a golden that is no path", lambda c: c.update(golden=1))
    add("no such envelope", lambda c: c.update(envelope="flatt"))
    add("an envelope without id", lambda c: c.update(envelope={"type": "/t"}))
    add("an ignore that is no pointer", lambda c: c["aggregates"]["order"].update(ignore=["updatedAt"]))
    add("a skip without reason", lambda c: c["aggregates"]["order"]["skip"][0].pop("reason"))
    add("a stream without match", lambda c: c["streams"][0].pop("match"))
    for what, name in (("empty", ""), ("long", "x" * 17), ("control", "U\x1b[31mX"), ("backslash", "\\")):
        add("a currency: " + what, lambda c, name=name: c.update(prices={"currency": name}))
    add("a first that is negative", lambda c: c["aggregates"]["order"].update(first=-1))
    return found


def test_the_config_and_its_schema_agree():
    configs = wrong_configs()
    check_schema("refold.schema.json", {"full": full_config(), "empty": {}, "own envelope": {
        "envelope": {"id": "/d/ID", "type": "/t", "version": "/d/Version", "at": "/d/At", "data": "/d"}}})
    errors = dict(zip(configs, schema_errors("refold.schema.json", list(configs.values()))))
    expect([what for what in errors if not errors[what]], [], "what the schema should refuse")
    with Scratch() as scratch:
        source = os.path.join(FIXTURES, "talk-orders", "events", "2017")
        shutil.copytree(source, os.path.join(scratch, "history", "2017"))

        def run(verb, config):
            with open(os.path.join(scratch, "refold.json"), "w", encoding="utf-8") as f:
                json.dump(config, f)
            inside = os.path.join(scratch, "history", "2017")
            return refold(verb, cwd=inside)  # finds the config upwards

        expect_status(run("bless", full_config()), 0, "bless with the full config")
        expect(os.path.exists(os.path.join(scratch, "golden", "order.ndjson")), True, "golden beside the config")
        expect_status(run("run", full_config()), 0, "run with the full config")
        for what, config in configs.items():
            result = run("run", config)
            expect_status(result, 2, what)
            expect(result.stdout, b"", what + ": nothing was replayed")
            check_printable(result, what)
        expect("golden" in run("run", configs["unknown key"]).stderr, True, "a suggestion")
        for number, text in enumerate(HOSTILE):
            result = run("run", dict(full_config(), **{text: 1}))
            expect_status(result, 2, "hostile key %d" % number)
            check_printable(result, "hostile key %d" % number)
