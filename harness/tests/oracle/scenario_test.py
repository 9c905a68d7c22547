# SPDX-License-Identifier: MIT
"""Scenarios against rules written down a second time: what an expectation means, what an order may do, and
that a scenario's state is the one that a replay makes."""

import base64
import gzip
import itertools
import json
import os
import random
import re
import subprocess
import xml.etree.ElementTree

from reports_test import xmllint
from support import FIXTURES, Scratch, aggregate, expect, expect_status, objects, plugin, read_bytes, read_golden, refold

LEAVES = [0, 1, -7, 2.5, 12345678901234567890123, 12345678901234567890999, "", "0", "x", False, True, None, [], {}]


def play(scenarios, build, *arguments):
    """The report of these scenarios."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "s.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"scenarios": scenarios}, f)
        result = refold("scenario", "-r", "json", "-a", build, *arguments, path)
    expect(len(result.report["results"]), len(scenarios), "results")
    expect(result.status, result.report["exit"], "exit status")
    held = [r["verdict"] == "holds" for r in result.report["results"]]
    expect(result.status, 0 if all(held) else 1, "exit status of the verdicts")
    return result.report


def kind(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def differences(wanted, got, exactly, path=""):
    """Where `got` is not what `wanted` says, as JSON pointers; by the words of the contract."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        found = []
        for key in sorted(set(wanted) | set(got)):
            step = "%s/%s" % (path, key.replace("~", "~0").replace("/", "~1"))
            if key not in got or (key not in wanted and exactly):
                found.append(step)
            elif key in wanted:
                found += differences(wanted[key], got[key], exactly, step)
        return found
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return [d for i, (w, g) in enumerate(zip(wanted, got)) for d in differences(w, g, exactly, "%s/%d" % (path, i))]
    return [] if kind(wanted) == kind(got) and wanted == got and not isinstance(wanted, list) else [path]


def tree(rng, depth):
    dice = rng.random()
    if depth == 0 or dice < 0.4:
        return rng.choice(LEAVES)
    if dice < 0.6:
        return [tree(rng, depth - 1) for _ in range(rng.randrange(3))]
    return {rng.choice(["a", "b", "c/d", "~", "\u00e9"]): tree(rng, depth - 1) for _ in range(rng.randrange(4))}


def altered(rng, value):
    """The value, with a member gone, another one there, or a leaf that is another leaf."""
    if isinstance(value, dict):
        copy = {k: altered(rng, v) if rng.random() < 0.3 else v for k, v in value.items() if rng.random() > 0.15}
        if rng.random() < 0.1:
            copy["new"] = rng.choice(LEAVES)
        return copy
    if isinstance(value, list):
        return [altered(rng, v) if rng.random() < 0.3 else v for v in value if rng.random() > 0.05]
    return rng.choice(LEAVES) if rng.random() < 0.3 else value


def test_every_member_that_is_written_is_compared():
    """Each leaf against each other, 0, "", false, null and absent among them, then random trees."""
    pairs = [({"m": w}, {"m": g}) for w, g in itertools.product(LEAVES, LEAVES)]
    pairs += [({"m": w}, {}) for w in LEAVES] + [({}, {"m": g}) for g in LEAVES]
    rng = random.Random(20170622)
    while len(pairs) < 420:
        got = {"m": tree(rng, 3), "n": tree(rng, 1)}
        pairs.append((altered(rng, got), got))
    scenarios, wanted = [], []
    for number, ((written, made), exactly) in enumerate((p, e) for p in pairs for e in (False, True)):
        then = {"then": "Noted", "data": written, "exactly": exactly}
        scenarios.append({"scenario": "%d" % number, "steps": [{"when": "Echo", "data": made}, then]})
        wanted.append(sorted(differences(written, made, exactly)))
    report = play(scenarios, plugin("decider"), "-e", "flat")
    for scenario, result, paths in zip(scenarios, report["results"], wanted):
        got = sorted(c["path"] for f in result["failures"] for c in f["changes"])
        expect(got, paths, json.dumps(scenario))
        expect(result["verdict"], "fails" if paths else "holds", json.dumps(scenario))
    assert 200 < sum(not paths for paths in wanted) < len(wanted) - 200, "both must occur"


def test_an_order_does_what_the_talk_says():
    """All sequences of up to five commands, against the rules as the contract has them."""
    rules = {"CreateOrder": (None, "created", "OrderCreated", "order exists already"),
             "ApproveOrder": ("created", "approved", "OrderApproved", "order is not created"),
             "ShipOrder": ("approved", "shipped", "OrderShipped", "order is not approved")}
    right, wrong = [], []
    for length in range(1, 6):
        for commands in itertools.product(rules, repeat=length):
            status, version, steps = None, 0, []
            for command in commands:
                needed, after, event, text = rules[command]
                steps.append({"when": command})
                if status == needed:
                    status, version = after, version + 1
                    steps.append({"then": event, "data": {"Version": version}})
                else:
                    steps.append({"refused": text})
            steps.append({"state": {"status": status}} if status else
                         {"state": {"items": 0, "totalCents": 0}, "exactly": True})
            right.append({"scenario": " ".join(commands), "steps": steps})
            # The same with the last answer turned round.
            turned = {"refused": True} if "then" in steps[-2] else {"nothing": True}
            wrong.append({"scenario": " ".join(commands), "steps": steps[:-2] + [turned]})
    expect(len(right), 363, "sequences")
    expect(play(right, aggregate("order"))["holds"], 363, "scenarios that hold")
    expect(play(wrong, aggregate("order"))["fails"], 363, "scenarios that fail")


def test_a_scenario_folds_as_a_replay_does():
    """Real histories as given events: the state is, exactly, the golden's."""
    source = os.path.join(FIXTURES, "talk-orders", "events")
    histories = {}
    for path in objects(source):
        for line in gzip.decompress(read_bytes(path)).split(b"\n"):
            if line:
                record = json.loads(base64.b64decode(line))
                histories.setdefault(record["d"]["ID"], {})[record["d"]["Version"]] = record
    with Scratch() as golden:
        expect_status(refold("bless", "-a", aggregate("order"), "-g", golden, source), 0, "bless")
        lines = read_golden(os.path.join(golden, "order.ndjson"))
    scenarios = []
    for identity in random.Random(5).sample(sorted(lines), 150):
        line = lines[identity]
        if "rejected" in line:
            continue
        records = [histories[identity][v] for v in sorted(histories[identity]) if v <= line["version"]]
        scenarios.append({"scenario": identity,
                          "steps": [{"given": r["t"], "data": r["d"]} for r in records] +
                                   [{"state": line["state"], "exactly": True}]})
    assert len(scenarios) > 100, len(scenarios)
    report = play(scenarios, aggregate("order"), "-e", "eventsource")
    expect([r["scenario"] for r in report["results"] if r["verdict"] != "holds"], [], "scenarios that do not hold")
    expect(sorted({r["id"] for r in report["results"]}), sorted(s["scenario"] for s in scenarios), "ids")


HOSTILE = ["plain", "plain", "plain (line 3)", " blank ", "a\u202eb", "##[error]x", "::error::y", "not ok 3 - z # SKIP",
           "</testcase><&\"'>", "\\", "\u0007 bell", "x" * 500, "日本語 \U0001f600", "- # TODO later", "]]>"]


def written(scenarios, folder, *arguments):
    """JSON, JUnit and TAP of one run, and its exit status."""
    path = os.path.join(folder, "::s&<.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"scenarios": scenarios}, f)
    files = {kind: os.path.join(folder, "report." + kind) for kind in ("json", "junit", "tap")}
    result = refold("scenario", *[a for kind, file in files.items() for a in ("-r", "%s=%s" % (kind, file))],
                    "-a", plugin("decider"), *arguments, path)
    return result.status, {kind: read_bytes(file) for kind, file in files.items()}, files


def check_formats(status, data, files, what):
    report = json.loads(data["json"])
    expect(report["exit"], status, what + ": exit")
    red = [r for r in report["results"] if r["verdict"] != "holds"]
    expect(xmllint(data["junit"]), (0, "- validates\n"), what + ": xmllint")
    root = xml.etree.ElementTree.fromstring(data["junit"])
    cases = [case for suite in root for case in suite.findall("testcase")]
    bad = [c for c in cases if c.find("failure") is not None or c.find("error") is not None]
    whole = status in (0, 1)
    expect(len(cases), len(report["results"]) + 1, what + ": cases")
    expect(len(bad), len(red) + (not whole), what + ": red cases")
    expect(sum(c.find("error") is not None for c in bad),
           sum(r["verdict"] in ("crashed", "hung") for r in red) + (not whole), what + ": errors")
    expect(len({(c.get("classname"), c.get("name")) for c in cases}), len(cases), what + ": names of cases")
    done = subprocess.run(["prove", files["tap"]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode("utf-8", "replace")
    expect(done.returncode == 0, status == 0, what + ": prove\n" + said)
    points = re.findall(r"^(not )?ok (\d+) - ", data["tap"].decode("utf-8"), re.M)
    expect([int(n) for _, n in points], list(range(1, len(report["results"]) + 2)), what + ": points")
    expect(sum(n != "" for n, _ in points), len(bad), what + ": red points")
    expect("Parse errors" in said and whole, False, what + ": prove\n" + said)
    for kind, text in data.items():
        # bell, bidi controls and the like come through nowhere; nor does a command of a build's log
        expect(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", text.decode("utf-8")), [], what + ": " + kind)
        expect(re.findall(r"(?m)^\s*(?:::|.*##\[)", text.decode("utf-8")), [], what + ": " + kind)


def test_every_format_tells_the_same_of_hostile_names():
    def one(name, verdict):
        steps = {"holds": [{"when": "Say"}, {"nothing": True}], "fails": [{"when": "Say"}, {"refused": name}],
                 "crashed": [{"when": "Crash"}, {"nothing": True}],
                 "refused": [{"when": "Refuse", "data": {"text": name}}, {"refused": ""}]}[verdict]
        return {"scenario": name, "steps": steps}
    holds = [one(name, "holds") for name in HOSTILE]
    mixed = [one(name, v) for name in HOSTILE for v in ("fails", "crashed", "refused", "holds")]
    for what, scenarios, arguments, status in (("all hold", holds, [], 0), ("mixed", mixed, [], 1),
                                               ("an error", holds + [{"scenario": "x", "steps": []}], [], 2),
                                               ("unwritten", holds, ["-r", "text=/nowhere/x"], 5)):
        with Scratch() as folder:
            got, data, files = written(scenarios, folder, *arguments)
            expect(got, status, what)
            check_formats(got, data, files, what)
