# SPDX-License-Identifier: MIT
"""`refold cat` against the records themselves, read without refold; and that what it writes is read back as the
same history: the same states, digests and counts."""

import base64
import itertools
import json
import os
import random
import subprocess
import unittest

from catalogue import Event, instant, load, read_events, typed
from hostile_test import write_hostile
from sandbox_test import KEY, is_held
from support import (
    aggregate, check_sums, expect, expect_status, FIXTURES, in_full, lines_of, objects, part_of, read_bytes, refold,
    REFOLD, run_json, sampled, Scratch, slow, write_bytes)

HISTORIES = {"git-jansson": "file", "git-zlib-ng": "file", "case-sepsis": "case", "case-receipt": "case", "talk-orders": "order"}
TERMS = ("events", "duplicates", "conflicts", "folded", "unselected", "rejected", "unhandled", "unfolded")


def cat(*arguments, status=0, **keywords):
    result = refold("cat", *arguments, **keywords)
    expect_status(result, status, " ".join(map(str, arguments)))
    return result.stdout


def events_of(name):
    return os.path.join(FIXTURES, name, "events")


def as_line(event):
    """What a line must say of an event, numbers by their tokens; an event's own id only where there is no version."""
    eid = event.eid if event.version is None else None
    return (event.aggregate, event.id, event.version, event.type, event.at, eid, typed(event.data))


def read_line(line):
    record = load(line)
    expect([k for k in record if k not in ("aggregateType", "version", "at", "id", "copy", "part")],
           ["aggregateId", "type", "data", "object", "offset"], "members, in order")
    event = Event(dict(record, version=record.get("version")), None)
    event.copy = record.get("copy")
    return event


def check_order(events, what):
    """An instance's events stand together, by version, each copy behind what would be folded."""
    groups = itertools.groupby(events, lambda e: (e.aggregate, e.id))
    seen = set()
    for key, group in groups:
        assert key not in seen, "%s: %s stands in two places" % (what, key)
        seen.add(key)
        last = None
        for event in group:
            if event.copy is None:
                assert last is None or event.version is None or event.version > last.version, what
                last = event
            else:
                expect(event.version, last.version, what + ": a copy of the one in front")
                expect(event.same(last), event.copy == "duplicate", what + ": " + event.copy)


def check_cat(folder, what, status=0):
    lines = cat(folder, status=status).decode("utf-8").splitlines()
    events = [read_line(line) for line in lines]
    check_order(events, what)
    wanted = sorted(map(repr, map(as_line, read_events(folder))))
    expect(sorted(map(repr, map(as_line, events))), wanted, what + ": events")
    return lines


def read_back(name, folder, what, *arguments, status=0):
    """run of the history, and of what cat writes of it"""
    first = run_json("--no-compare", "-a", aggregate(name), *arguments, folder)
    text = cat(*arguments, folder, status=status)
    with Scratch() as scratch:
        golden = [os.path.join(scratch, "golden%d" % i) for i in (0, 1)]
        path = os.path.join(scratch, "events.json")
        write_bytes(path, text)
        with open(path, "rb") as f:
            done = subprocess.run([REFOLD, "run", "--no-compare", "-r", "json", "-e", "flat", "-a", aggregate(name), "-"],
                                  stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        second = json.loads(done.stdout)
        expect(second["proof"]["history"], first.report["proof"]["history"], what + ": digest")
        expect({t: second["history"][t] for t in TERMS if t != "unselected"},
               {t: first.report["history"][t] - (first.report["history"]["unselected"] if t == "events" else 0)
                for t in TERMS if t != "unselected"}, what + ": counts")
        expect(second["aggregates"], first.report["aggregates"], what + ": tallies")
        check_sums(second, what)
        if status == 0:
            for sources, place in (((*arguments, folder), golden[0]), (("-e", "flat", path), golden[1])):
                expect_status(refold("bless", "-a", aggregate(name), "-g", place, *sources), 0, what + ": bless")
            states = [{os.path.basename(p): read_bytes(p) for p in objects(g) if p.endswith(".ndjson") and "pending" not in p} for g in golden]
            assert states[0], what
            expect(states[1], states[0], what + ": states")


@sampled
def test_cat_of_real_histories_is_their_records():
    for name in part_of(HISTORIES, 3):
        check_cat(events_of(name), name)


@slow
def test_what_cat_writes_is_the_same_history():
    for name, kind in part_of(HISTORIES.items(), 3):
        read_back(kind, events_of(name), name)
    read_back("order", events_of("talk-orders"), "until", "--until", "2017-06-24T12")
    read_back("order", events_of("talk-orders"), "as of", "--as-of", "2017-06-24T12:00:00Z")


def test_cat_writes_the_same_with_any_jobs_memory_and_form():
    folder = events_of("git-zlib-ng")
    wanted = cat("-j1", folder)
    for arguments in (("-j4",), ("-j2", "--memory", "1M"), ("-j3", "--memory", "16M")):
        assert cat(*arguments, folder) == wanted, arguments
    with Scratch() as scratch:
        pack = os.path.join(scratch, "all.pack")
        expect_status(refold("pack", folder, "-o", pack), 0, "pack")
        assert cat(pack) == wanted, "packed"
        tar = os.path.join(scratch, "all.tar")
        subprocess.run(["tar", "-cf", tar, "-C", folder, "."], check=True)
        shorter = [{k: v for k, v in json.loads(line).items() if k != "object"} for line in cat(tar).splitlines()]
        expect(shorter, [{k: v for k, v in json.loads(line).items() if k != "object"} for line in wanted.splitlines()], "tar")


def random_records(rng):
    """Instances with copies of all kinds, of both envelopes, with versions and without."""
    found = []
    for number in range(rng.randint(1, 30)):
        identity = rng.choice(("o-%d", "ö\u0000-%d", "\u202e%d", "<%d>")) % number
        versionless = rng.random() < .2
        for version in range(1, rng.randint(2, 9)):
            data = {"n": rng.choice((1, 1.5, 10 ** 20, -0.0, True, None, "\ud83d\ude00", "\u2028", [], {"a": {}}))}
            at = "2026-07-01T%02d:00:00.%03dZ" % (rng.randrange(24), rng.randrange(1000))
            record = {"aggregateType": "thing", "aggregateId": identity, "type": rng.choice("AB"), "at": at, "data": data}
            record["id" if versionless else "version"] = "e%d" % version if versionless else version
            found.append(record)
            if rng.random() < .3:
                found.append(record)
            if not versionless and rng.random() < .1:
                found.append(dict(record, type="C"))
    rng.shuffle(found)
    return found


@sampled
def test_cat_of_random_histories():
    rng = random.Random(9)
    conflicts = 0
    turns = 30 if in_full() else 10
    for turn in range(turns):
        records = random_records(rng)
        with Scratch() as scratch:
            for number in range(3):
                write_bytes(os.path.join(scratch, "2026/07/01/%02d/x.json" % number), lines_of(records[number::3]))
            status = refold("cat", scratch).status
            conflicts += status == 3
            lines = check_cat(scratch, "turn %d" % turn, status)
            expect(status, 3 if any('"copy":"conflict"' in line for line in lines) else 0, "turn %d: exit" % turn)
            read_back("case", scratch, "turn %d" % turn, status=status)
            chosen = rng.choice(records)
            one = [load(line) for line in cat("--id", chosen["aggregateId"], scratch, status=refold(
                "cat", "--id", chosen["aggregateId"], scratch).status).splitlines()] if "\0" not in chosen["aggregateId"] else []
            wanted = [r for r in records if r["aggregateId"] == chosen["aggregateId"]]
            if "\0" not in chosen["aggregateId"]:
                expect(len(one), len(wanted), "turn %d: --id" % turn)
            typed_lines = refold("cat", "--type", "A", scratch).stdout.splitlines()
            expect(len(typed_lines), sum(r["type"] == "A" for r in records), "turn %d: --type" % turn)
    assert turns // 15 < conflicts < (turns if in_full() else turns + 1), conflicts


def test_cat_of_hostile_histories_is_printable():
    with Scratch() as scratch:
        write_hostile(scratch, damaged=False)
        text = cat(scratch)
        read_back("case", scratch, "hostile")
    for line in text.decode("utf-8").splitlines():
        assert all(c.isprintable() for c in line), line
        json.loads(line)


def test_times_are_the_same_instants():
    for name in HISTORIES:
        for line in cat(events_of(name)).splitlines()[:200]:
            record = json.loads(line)
            assert record["at"].endswith("Z") and instant(record["at"]) is not None, record["at"]


CURIOUS = """
#include <refold/aggregate.h>
#include <sys/socket.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Noted", 1)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    (void)event;
    ((struct s *)state)->n++;
    return REFOLD_OK;
}
static int32_t identify(refold_string bytes, refold_event *ret, const refold_host *host)
{
    (void)host;
    (void)socket(AF_INET, SOCK_STREAM, 0);
    ret->id = bytes;
    ret->type = refold_literal("Noted");
    ret->version = 1;
    return REFOLD_OK;
}
REFOLD_AGGREGATE_STORED("curious", 1, struct s, types, fields, apply, identify, NULL, NULL)
"""


def test_what_an_aggregate_tries_while_it_is_asked_is_told():
    if not is_held():
        raise unittest.SkipTest("no sandbox")
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "curious.c"), CURIOUS.encode())
        write_bytes(os.path.join(scratch, "history", KEY), base64.b64encode(b"a note") + b"\n")
        result = refold("cat", "-a", os.path.join(scratch, "curious.c"), os.path.join(scratch, "history"))
    expect_status(result, 0, "cat")
    expect(json.loads(result.stdout)["aggregateId"], "a note", "the event")
    if "curious tried to open a socket: AF_INET" not in result.stderr:
        raise AssertionError(result.stderr)
