# SPDX-License-Identifier: MIT
"""Histories of git repositories: the states are what git itself says."""

import csv
import os

from support import (
    aggregate, expect, expect_status, FIXTURES, part_of, read_golden, records, refold, run_json, sampled, Scratch,
    write_golden)

HISTORIES = ("git-jansson", "git-zlib-ng")


def fold(events):
    """The state of one path by the contract's table; this program's own fold."""
    state = {}
    for event in events:
        data = event["data"]
        if event["type"] == "FileAdded":
            state.update(blob=data["blob"], mode=data["mode"], present=True)
        elif event["type"] == "FileModified":
            state.update(blob=data["blob"], present=True)
        elif event["type"] == "FileModeChanged":
            state.update(mode=data["mode"], present=True)
        elif event["type"] == "FileDeleted":
            state.update(present=False)
        state["commit"] = data["commit"]
    state["changes"] = len(events)
    return state


def instances(folder, keep=lambda key: True):
    """id -> events in version order, each version once."""
    found = {}
    for event in records(folder, keep):
        found.setdefault(event["aggregateId"], {})[event["version"]] = event
    return {i: [v[n] for n in sorted(v)] for i, v in found.items()}


def lstree(path):
    """path -> (mode, blob)"""
    tree = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            head, _, name = line.rstrip("\n").partition("\t")
            mode, _, blob = head.split()[:3]
            tree[name] = (mode, blob)
    return tree


def live(golden):
    return {i: (line["state"]["mode"], line["state"]["blob"]) for i, line in golden.items() if line["state"]["present"]}


def test_goldens_of_another_program_are_met():
    for name in HISTORIES:
        events = os.path.join(FIXTURES, name, "events")
        with Scratch() as scratch:
            folded = {i: (len(e), fold(e)) for i, e in instances(events).items()}
            write_golden(scratch, "file", folded)
            result = run_json("-a", aggregate("file"), "-g", scratch, events)
            expect_status(result, 0, name)
            tally = result.report["aggregates"][0]
            expect(tally["same"], len(folded), name + ": same")
            expect(result.report["history"]["folded"], sum(v for v, _ in folded.values()), name + ": folded")


def test_live_paths_are_those_of_git():
    for name in HISTORIES:
        with Scratch() as scratch:
            result = refold("bless", "-a", aggregate("file"), "-g", scratch, os.path.join(FIXTURES, name, "events"))
            expect_status(result, 0, name)
            golden = read_golden(os.path.join(scratch, "file.ndjson"))
            expect(live(golden), lstree(os.path.join(FIXTURES, name, "oracle", "head.lstree")), name + ": head")


@sampled
def test_until_gives_the_cuts_of_git():
    for name in HISTORIES:
        oracle = os.path.join(FIXTURES, name, "oracle")
        with open(os.path.join(oracle, "cuts.tsv"), encoding="utf-8") as f:
            cuts = list(csv.DictReader(f, delimiter="\t"))
        for cut in part_of(cuts, 3):
            with Scratch() as scratch:
                result = refold("bless", "-a", aggregate("file"), "-g", scratch, "--until", cut["folders_before"],
                                os.path.join(FIXTURES, name, "events"))
                what = "%s, cut %s" % (name, cut["cut"])
                expect_status(result, 0, what)
                golden = read_golden(os.path.join(scratch, "file.ndjson"))
                expect(live(golden), lstree(os.path.join(oracle, "cut-%s.lstree" % cut["cut"])), what)
