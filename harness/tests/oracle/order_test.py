# SPDX-License-Identifier: MIT
"""The report does not depend on the number of jobs, nor on the order in which objects lie on the disk."""

import json
import os
import random
import shutil

from support import (
    aggregate, canonical, cases, check_sums, expect, fault, merged, objects, part_of, read_bytes, refold, run_json,
    sampled, Scratch, without_timing, write_bytes)

EVENTS = merged("git-zlib-ng")
FILE = aggregate("file")


def damaged_content(seed):
    """key -> bytes, with objects cut, flipped and gone."""
    rng = random.Random(seed)
    content = {os.path.relpath(p, EVENTS): read_bytes(p) for p in objects(EVENTS)}
    victims = rng.sample(sorted(content), 9)
    for key in victims[:3]:
        content[key] = content[key][:len(content[key]) // 2]
    for key in victims[3:6]:
        data = bytearray(content[key])
        data[len(data) // 2] ^= 8
        content[key] = bytes(data)
    for key in victims[6:]:
        del content[key]
    content["2016/01/01/00/odd"] = b'{"aggregateId":"odd","aggregateType":"file","version":1,"type":"FileDeleted",' \
                                   b'"at":"2016-01-01T00:00:00Z","data":{"commit":"c"}}\n{"broken":\n{"empty":1}\n'
    content["2016/01/01/00/foreign.txt"] = b"not a record\n"
    return content


def write_history(folder, content, order):
    for key in order:
        write_bytes(os.path.join(folder, key), content[key])


def edited_golden(folder):
    """A golden of the whole history with lines that differ, lack and are too many."""
    refold("bless", "-a", FILE, "-g", folder, EVENTS)
    path = os.path.join(folder, "file.ndjson")
    lines = read_bytes(path).decode("utf-8").splitlines()
    rng = random.Random(3)
    edited = []
    for line in lines:
        value = json.loads(line)
        dice = rng.random()
        if dice < 0.1:
            value["state"]["blob"] = "0" * 40
        elif dice < 0.2:
            value["state"].pop("mode", None)
            value["state"]["changes"] += 1
        elif dice < 0.25:
            value["id"] += "~"
        elif dice < 0.3:
            continue
        edited.append(value)
    edited.sort(key=lambda v: v["id"].encode("utf-8"))
    write_bytes(path, "".join(canonical(v) + "\n" for v in edited).encode("utf-8"))


def check_richness(report):
    check_sums(report, "order")
    expect(report["exit"], 3, "exit")
    assert len(report["differences"]) > 100 and len(report["damage"]) > 8 and len(report["clusters"]) > 3, "lists"
    kinds = {d["kind"] for d in report["differences"]}
    assert {"changed", "missing"} <= kinds and report["history"]["foreign"] == 1, kinds
    assert {"gap", "malformed"} < {d["kind"] for d in report["damage"]}, "kinds of damage"


@sampled
@fault(25, 27)
def test_jobs_and_order_on_disk_change_nothing():
    content = damaged_content(5)
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        edited_golden(golden)
        source = os.path.join(scratch, "events")
        results = {}
        write_history(source, content, sorted(content))
        all_jobs = part_of(("1", "2", "3", "8", "8"), 2)
        for jobs in all_jobs:
            results[jobs] = run_json("-j", jobs, "-a", FILE, "-g", golden, source)
            shuffled = None
        for seed in range(2):
            shutil.rmtree(source)
            shuffled = sorted(content)
            random.Random(seed).shuffle(shuffled)
            write_history(source, content, shuffled)
            results["shuffled %d" % seed] = run_json("-a", FILE, "-g", golden, source)
    first = without_timing(results["1"].report)
    check_richness(first)
    for name, result in results.items():
        expect(result.status, 3, name)
        report = without_timing(result.report)
        for key in first:
            expect(report[key], first[key], "%s: %s" % (name, key))
        expect(list(report), list(first), name + ": members in order")
        expect(result.stderr, results["1"].stderr, name + ": standard error")
    cases(27, len(all_jobs))
    cases(25, 2)


def test_two_sources_in_either_order_are_one_history():
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        edited_golden(golden)
        rng = random.Random(9)
        halves = [os.path.join(scratch, "a"), os.path.join(scratch, "b")]
        for path in objects(EVENTS):
            target = os.path.join(rng.choice(halves), os.path.relpath(path, EVENTS))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(path, target)
        whole = run_json("-a", FILE, "-g", golden, EVENTS)
        split = [run_json("-a", FILE, "-g", golden, *order) for order in (halves, halves[::-1])]
    expect([r.status for r in [whole] + split], [1, 1, 1], "exit")

    def less(report):
        """Without what names objects by their source."""
        report = without_timing(report)
        for difference in report["differences"]:
            difference.get("suspect", {}).pop("object", None)
        return report

    for result in split:
        for key, value in less(whole.report).items():
            expect(less(result.report)[key], value, "two sources: " + key)
    assert len(whole.report["differences"]) > 100
