# SPDX-License-Identifier: MIT
"""Events in the shape of once (upcast) and what must hold behind each (check), against a model: plugins/stored.c."""

import json
import os
import random

from support import (
    check_sums, expect, expect_status, part_of, plugin, read_golden, refold, run_json, sampled, Scratch, total)


def make(rng, boxes):
    """id -> [(type, data)]"""
    found = {}
    for number in range(boxes):
        events = []
        for _ in range(rng.randint(1, 9)):
            name = rng.choice(["Added", "Added", "Put", "Put", "Taken"]) if rng.random() < 0.97 else "Spoilt"
            data = {"n": rng.randint(0, 9)} if name == "Put" else {"By": rng.randint(0, 9)}
            if rng.random() < 0.02:
                data = {"By": "x"}
            if rng.random() < 0.2:
                data["Note"] = "\u00e4 %d" % rng.randint(0, 9)
            events.append((name, data))
        found["box-%03d" % number] = events
    return found


def fold(events):
    """The golden's line, without its hash."""
    state = {"events": 0, "total": 0}
    for version, (name, data) in enumerate(events, 1):
        message = None
        today, own = name, data
        if name == "Spoilt":
            message = "too old to be read"
        elif name == "Put" and isinstance(data.get("n"), int):
            today, own = "Added", {"By": data["n"], "Note": "put"}
        by = own.get("By")
        if message is None and not isinstance(by, int):
            message = "By is not an integer"
        elif message is None:
            after = state["total"] + (by if today == "Added" else -by)
            message = "less than nothing is in the box" if after < 0 else None
        if message is not None:
            return {"rejected": {"message": "%s: %s" % (name, message), "type": name, "version": version},
                    "state": state, "version": version - 1}
        state = dict(state, events=state["events"] + 1, total=after, **({"note": own["Note"]} if "Note" in own else {}))
    return {"state": state, "version": len(events)}


def write(folder, boxes):
    """Events of version v in hour v."""
    for identity, events in boxes.items():
        for version, (name, data) in enumerate(events, 1):
            hour = os.path.join(folder, "2026/07/01/%02d" % version)
            os.makedirs(hour, exist_ok=True)
            record = {"aggregateType": "box", "aggregateId": identity, "version": version, "type": name,
                      "at": "2026-07-01T%02d:00:00Z" % version, "data": data}
            with open(os.path.join(hour, "boxes-1-2026-07-01-%02d-00-00-00000000-0000-4000-8000-000000000000.json" % version), "a",
                      encoding="utf-8") as f:
                f.write(json.dumps(record) + "\n")


def without_hash(lines):
    return {identity: {k: v for k, v in line.items() if k not in ("events", "id")} for identity, line in lines.items()}


@sampled
def test_random_boxes_are_as_the_model_says():
    for seed in part_of(range(4), 2):
        boxes = make(random.Random(seed), 150)
        wanted = {identity: fold(events) for identity, events in boxes.items()}
        assert sum("rejected" in line for line in wanted.values()) > 20
        with Scratch() as scratch:
            history, golden = os.path.join(scratch, "history"), os.path.join(scratch, "golden")
            write(history, boxes)
            expect_status(refold("bless", "-a", plugin("stored"), "-g", golden, history), 0, "bless")
            expect(without_hash(read_golden(os.path.join(golden, "box.ndjson"))), wanted, "golden")
            for extra in ((), ("--purity=all",), ("-j", 3, "--memory", "1M"), ("--at-head",)):
                result = run_json("-a", plugin("stored"), "-g", golden, *extra, history)
                expect_status(result, 0, "run %s" % (extra,))
                check_sums(result.report, "sums")
                expect(total(result.report, "same"), len(boxes), "same")


def test_going_on_from_a_snapshot_comes_to_the_same():
    boxes = make(random.Random(77), 120)
    with Scratch() as scratch:
        history, golden, whole = (os.path.join(scratch, name) for name in ("history", "golden", "whole"))
        write(history, boxes)
        expect_status(refold("bless", "-a", plugin("stored"), "-g", whole, history), 0, "bless of all")
        expect_status(refold("bless", "-a", plugin("stored"), "-g", golden, "--until", "2026-07-01T05", history), 0, "bless --until")
        result = run_json("-a", plugin("stored"), "-g", whole, "--from", golden, "--since", "2026-07-01T05", history)
        expect_status(result, 0, "run --from")
        expect(total(result.report, "changed") + total(result.report, "rejected"), 0, "differences")
        assert total(result.report, "same") > 60, result.report["aggregates"]


def test_every_state_on_the_way():
    boxes = make(random.Random(5), 30)
    with Scratch() as scratch:
        history = os.path.join(scratch, "history")
        write(history, boxes)
        for identity in sorted(boxes)[:6]:
            for version in range(1, len(boxes[identity]) + 1):
                line = fold(boxes[identity][:version])
                if "rejected" not in line:
                    result = refold("show", identity, "--at", version, "-q", "-a", plugin("stored"), history)
                    expect_status(result, 0, identity)
                    expect(json.loads(result.stdout), line["state"], "%s at %d" % (identity, version))


SCENARIO = """scenario: what is stored is brought into today's shape, and made so again
given Put {"n": 3}
state exactly {"events": 1, "note": "put", "total": 3}
when PutOld {"n": 4}
then Put {"n": 4}
state exactly {"events": 2, "note": "put", "total": 7}

scenario: a command whose event breaks what must hold fails
given Added {"By": 1}
when Take {"By": 2}
then Taken
"""


def test_scenarios_upcast_and_check():
    with Scratch() as scratch:
        path = os.path.join(scratch, "box.scenario")
        with open(path, "w", encoding="utf-8") as f:
            f.write(SCENARIO)
        result = refold("scenario", "-a", plugin("stored"), "-r", "json", path)
        expect_status(result, 1, result.stderr)
        told = result.stdout.decode()
        assert "Taken: less than nothing is in the box" in told, told
        expect(told.count('"less than nothing'), 0, "the type stands in front")
        result = refold("scenario", "-a", plugin("stored"), path)
        text = result.stdout.decode()
        assert "1 scenario" in text or "2 scenarios" in text, text
