# SPDX-License-Identifier: MIT
"""The audit of ignore rules: which instances are the same only because of a rule, by another program's comparison."""

import json
import os
import random

from git_test import fold, instances
from hostile_test import check_schema
from shard_test import check_equal
from support import (
    aggregate, expect, expect_status, FIXTURES, merged, refold, run_json, sampled, Scratch, slow, write_bytes,
    write_golden)

FIELDS = ("blob", "changes", "commit", "mode", "present")


def mutate(states, seed):
    """Goldens as other code might have made them: id -> (version, state)."""
    rng = random.Random(seed)
    out = {}
    for identity, (version, state) in states.items():
        state = dict(state)
        for field in rng.sample(FIELDS, rng.choice((0, 0, 0, 1, 1, 2, 3))):
            dice = rng.random()
            if dice < 0.2:
                del state[field]
            elif field == "changes":
                state[field] += 1
            elif field == "present":
                state[field] = not state[field]
            else:
                state[field] += "~"
        if rng.random() < 0.1:
            state["extra"] = 1
        out[identity] = (version, state)
    return out


def covers(rule, field):
    """A state of `file` is flat: a pointer of one step covers a field, "*" any; a longer one none."""
    return rule in ("/" + field, "/*")


def model(states, golden, rules):
    """What the report must tell, from the states alone."""
    wanted = {"same": 0, "changed": 0, "ignored_only": 0,
              "rules": [{"changes": 0, "instances": 0, "only": 0} for _ in rules]}
    for identity, (_, state) in states.items():
        old = golden[identity][1]
        differing = [f for f in sorted(set(old) | set(state)) if old.get(f, None) != state.get(f, None)]
        covering = [[n for n, rule in enumerate(rules) if covers(rule, f)] for f in differing]
        same = all(covering)
        wanted["same"] += same
        wanted["changed"] += not same
        wanted["ignored_only"] += same and bool(differing)
        for n, tally in enumerate(wanted["rules"]):
            mine = sum(n in c for c in covering)
            tally["changes"] += mine
            tally["instances"] += mine > 0
            tally["only"] += same and [n] in covering
    return wanted


RULES = (
    ["/commit"],
    ["/commit", "/blob"],
    ["/commit", "/commit"],
    ["/*"],
    ["/*", "/mode", "/extra"],
    ["/blob", "/changes", "/commit", "/mode", "/present", "/extra"],
    ["/nowhere", "/commit/deeper", "/present"],
)


@slow
def test_the_same_only_because_of_a_rule():
    folded = {i: (len(e), fold(e)) for i, e in instances(os.path.join(FIXTURES, "git-zlib-ng", "events")).items()}
    history = merged("git-zlib-ng")
    reports = {}
    with Scratch() as scratch:
        for number, rules in enumerate(RULES):
            golden = os.path.join(scratch, "golden-%d" % number)
            other = mutate(folded, number)
            write_golden(golden, "file", other)
            wanted = model(folded, other, rules)
            # Half of them from the config, with a last day that is not over.
            config = os.path.join(scratch, "refold-%d.json" % number)
            given = [{"path": r, "reason": "because", "until": "2026-07-01"} for r in rules]
            write_bytes(config, json.dumps({"aggregates": {"file": {"ignore": given}}}).encode())
            options = [o for r in rules for o in ("--ignore", r)]
            for what, arguments in (("options", options), ("config", ["-C", config, "--today", "2026-07-01"])):
                result = run_json("-a", aggregate("file"), "-g", golden, *arguments, history)
                label = "%s, %s" % (rules, what)
                tally = result.report["aggregates"][0]
                expect({k: tally[k] for k in ("same", "changed", "ignored_only")},
                       {k: wanted[k] for k in ("same", "changed", "ignored_only")}, label)
                expect([{k: i[k] for k in ("changes", "instances", "only")} for i in result.report["ignores"]],
                       wanted["rules"], label)
                idle = sum("swallowed nothing" in w for w in result.report["warnings"])
                expect(idle, sum(r["changes"] == 0 for r in wanted["rules"]), label + ": idle rules")
                expect_status(result, 1 if wanted["changed"] else 0, label)
                reports[label] = result.report
            # The day after, no rule holds.
            result = run_json("-a", aggregate("file"), "-g", golden, "-C", config, "--today", "2026-07-02", history)
            bare = run_json("-a", aggregate("file"), "-g", golden, history)
            expect([i["expired"] for i in result.report["ignores"]], [True] * len(rules), "expired")
            expired, plain = result.report, bare.report
            for report in (expired, plain):
                for name in ("timing", "ignores", "today", "warnings"):
                    report.pop(name, None)
            expect({k: v for k, v in expired.items() if v != plain.get(k)}, {}, "%s: expired" % rules)
    check_schema("report.schema.json", reports)


@sampled
def test_shards_add_up():
    folded = {i: (len(e), fold(e)) for i, e in instances(os.path.join(FIXTURES, "git-zlib-ng", "events")).items()}
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        write_golden(golden, "file", mutate(folded, 9))
        config = os.path.join(scratch, "refold.json")
        write_bytes(config, json.dumps({"aggregates": {"file": {
            "ignore": ["/commit", {"path": "/blob", "until": "2000-01-01"}, "/never"],
            "skip": [{"type": "FileDeleted", "reason": "no matter"}, {"type": "FileGone", "reason": "no such type"}]}},
        }).encode())
        report = check_equal(scratch, ("-C", config, "--today", "2026-01-01", "-a", aggregate("file"), "-g", golden,
                                       merged("git-zlib-ng")), parts=(1, 3))
        expect([s["occurs"] for s in report["skips"]], [True, False], "skips")
        expect(sum("skips FileGone" in w for w in report["warnings"]), 1, "the skip that is idle is named")


def test_the_rules_of_a_run_without_rules():
    """Nothing is said where there is nothing to say."""
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        history = merged("git-zlib-ng")
        expect_status(refold("bless", "-a", aggregate("file"), "-g", golden, history), 0, "bless")
        report = run_json("-a", aggregate("file"), "-g", golden, history).report
        expect([n for n in ("ignores", "skips", "today", "known_damage", "damage_known") if n in report], [], "members")
