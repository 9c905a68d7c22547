# SPDX-License-Identifier: MIT
"""A golden that was blessed at a cut of a history which has gone on since: what lies behind the golden's
versions changes nothing; a bug, an altered event or another option is found in exactly the right instances."""

import functools
import gzip
import os
import re

from git_test import fold
from support import FIXTURES, ROOT, Scratch, aggregate, check_sums, expect, expect_status, lines_of, merged, \
    objects, parse, patched, read_bytes, read_golden, refold, run_json, total, write_bytes

EVENTS = os.path.join(FIXTURES, "git-zlib-ng", "events")
CUT = "2021/11/16"
FILE_C = os.path.join(ROOT, "aggregates", "file.c")


def before_cut(key):
    """Whether an object lies in an hour folder before the cut, as the folders are named."""
    return key < CUT


@functools.lru_cache(maxsize=None)
def history():
    """id -> {version: (event, key of the object that is first)}, all of it; by this program's own reading."""
    found = {}
    for path in objects(EVENTS):
        key = os.path.relpath(path, EVENTS)
        for event in parse(read_bytes(path)):
            found.setdefault(event["aggregateId"], {}).setdefault(event["version"], (event, key))
    return found


@functools.lru_cache(maxsize=None)
def pins():
    """id -> version of its golden line: the last before the first gap in what lies before the cut."""
    there = {}
    for path in objects(EVENTS):
        if before_cut(os.path.relpath(path, EVENTS)):
            for event in parse(read_bytes(path)):
                there.setdefault(event["aggregateId"], set()).add(event["version"])
    found = {}
    for identity, versions in there.items():
        version = 0
        while version + 1 in versions:
            version += 1
        if version > 0:
            found[identity] = version
    return found


def events_to(identity, version):
    return [history()[identity][v][0] for v in range(1, version + 1)]


def events_of(identity):
    return [history()[identity][v][0] for v in sorted(history()[identity])]


def bless_at_cut(folder):
    result = refold("bless", "-a", aggregate("file"), "-g", folder, "--until", CUT, EVENTS)
    expect_status(result, 0, "bless --until")
    golden = read_golden(os.path.join(folder, "file.ndjson"))
    expect({i: line["version"] for i, line in golden.items()}, pins(), "versions of the golden")
    return golden


def beyond():
    return sum(1 for i, pin in pins().items() for v in history()[i] if v > pin)


def test_what_came_after_the_golden_is_beyond():
    with Scratch() as scratch:
        golden = bless_at_cut(scratch)
        for identity, line in golden.items():
            expect(line["state"], fold(events_to(identity, line["version"])), "golden of " + identity)
        result = run_json("-a", aggregate("file"), "-g", scratch, EVENTS)
    expect_status(result, 0, "run")
    report = result.report
    check_sums(report, "run")
    expect(report["verdict"], "same", "verdict")
    expect(total(report, "same"), len(pins()), "same")
    expect(total(report, "unblessed"), len(history()) - len(pins()), "unblessed")
    expect(total(report, "instances"), len(history()), "instances")
    expect(report["history"]["folded"], sum(len(v) for v in history().values()), "folded")
    expect(report["history"]["beyond"], beyond(), "beyond")
    assert beyond() > 1000 and len(history()) > len(pins()) > 300, "the cut leaves enough on both sides"


# ---- bugs ------------------------------------------------------------------------------------------


def fold_without_modified_blob(events):
    state = {}
    for event in events:
        data = event["data"]
        if event["type"] == "FileAdded":
            state.update(blob=data["blob"], mode=data["mode"])
        elif event["type"] == "FileModeChanged":
            state.update(mode=data["mode"])
        state.update(present=event["type"] != "FileDeleted", commit=data["commit"])
    state["changes"] = len(events)
    return state


def fold_without_deletion(events):
    state = fold(events)
    state["present"] = True
    return state


def last_writer(rule, events, path):
    """The version of the last event that changed a value in the states of this rule."""
    found = 0
    value = {"present": False, "changes": 0}.get(path)
    for count in range(1, len(events) + 1):
        now = rule(events[:count]).get(path)
        if now != value:
            found = count
        value = now
    return found


def check_bug(old, new, rule, path):
    with Scratch() as scratch:
        golden = bless_at_cut(os.path.join(scratch, "golden"))
        copy = patched(FILE_C, os.path.join(scratch, "copy.c"), old, new)
        result = run_json("-a", copy, "-g", os.path.join(scratch, "golden"), EVENTS)
    wanted = {}
    for identity, line in golden.items():
        state = rule(events_to(identity, line["version"]))
        if state != line["state"]:
            wanted[identity] = state
    assert len(wanted) > 20, "the bug hits something"
    expect_status(result, 1, "run with the bug")
    report = result.report
    check_sums(report, "run with the bug")
    expect(report["verdict"], "changed", "verdict")
    expect(sorted(d["id"] for d in report["differences"]), sorted(wanted), "ids")
    expect(report["differences_total"], len(wanted), "differences_total")
    expect(total(report, "changed"), len(wanted), "changed")
    expect(total(report, "same"), len(golden) - len(wanted), "same")
    for difference in report["differences"]:
        identity = difference["id"]
        line = golden[identity]
        expect((difference["kind"], difference["cause"], difference["version"]), ("changed", "code", line["version"]),
               identity)
        expect(difference["changes"], [{"op": "replace", "path": "/" + path, "value": wanted[identity][path],
                                        "old": line["state"][path]}], identity + ": changes")
        suspect = difference["suspect"]
        version = last_writer(rule, events_to(identity, line["version"]), path)
        event = history()[identity][version][0]
        expect((suspect["basis"], suspect["version"], suspect["type"], suspect["at"]),
               ("last-writer", version, event["type"], event["at"]), identity + ": suspect")
        at = read_object(suspect["object"])[suspect["offset"]:]
        expect(at.startswith(b'{"id":"%s"' % event["id"].encode()), True, identity + ": the suspect's place")
    expect(sum(c["count"] for c in report["clusters"]), len(wanted), "clusters cover all")
    assert 1 <= len(report["clusters"]) <= 3, report["clusters"]
    for cluster in report["clusters"]:
        expect((cluster["kind"], cluster["paths"]), ("changed", ["/" + path]), "cluster")
        expect(set(cluster["samples"]) - set(wanted), set(), "samples")


@functools.lru_cache(maxsize=None)
def read_object(key):
    return gzip.decompress(read_bytes(os.path.join(EVENTS, key)))


def test_a_forgotten_blob_is_found_in_exactly_the_right_files():
    check_bug("event->kind == FILE_ADDED || event->kind == FILE_MODIFIED;", "event->kind == FILE_ADDED;",
              fold_without_modified_blob, "blob")


def test_a_forgotten_deletion_is_found_in_exactly_the_right_files():
    check_bug("file->present = event->kind != FILE_DELETED;", "file->present = 1;", fold_without_deletion, "present")


# ---- altered data ----------------------------------------------------------------------------------


def delivered_once():
    """(id, version) of events that lie in the history once: altering one of two copies would be a conflict."""
    counts = {}
    for path in objects(EVENTS):
        for event in parse(read_bytes(path)):
            place = (event["aggregateId"], event["version"])
            counts[place] = counts.get(place, 0) + 1
    return {place for place, count in counts.items() if count == 1}


def altered_history(folder, identity, version, alter):
    """The history with one event altered."""
    hits = 0
    source = merged("git-zlib-ng")
    for path in objects(source):
        data = read_bytes(path)
        values = parse(data)
        for value in values:
            if (value["aggregateId"], value["version"]) == (identity, version):
                alter(value["data"])
                data = gzip.compress(lines_of(values), mtime=0)
                hits += 1
        write_bytes(os.path.join(folder, os.path.relpath(path, source)), data)
    expect(hits, 1, "altered events")


def check_alteration(find, alter, changes):
    with Scratch() as scratch:
        golden = bless_at_cut(os.path.join(scratch, "golden"))
        identity, version = find(golden)
        changed = os.path.join(scratch, "events")
        altered_history(changed, identity, version, alter)
        result = run_json("-a", aggregate("file"), "-g", os.path.join(scratch, "golden"), changed)
    expect_status(result, 1, "altered event")
    report = result.report
    expect([(d["id"], d["kind"], d["cause"], d["version"]) for d in report["differences"]],
           [(identity, "changed", "data", golden[identity]["version"])], "differences")
    expect(report["differences"][0]["changes"], changes(golden[identity]), "changes")
    expect((total(report, "same"), total(report, "changed")), (len(golden) - 1, 1), "same and changed")


def test_an_altered_blob_is_changed_data():
    def find(golden):
        once = delivered_once()
        for identity, line in sorted(golden.items()):
            last = history()[identity][line["version"]][0]
            if line["version"] > 3 and last["type"] == "FileModified" and (identity, line["version"]) in once:
                return identity, line["version"]
        raise AssertionError("no such file")

    check_alteration(find, lambda data: data.update(blob="0" * 40),
                     lambda line: [{"op": "replace", "path": "/blob", "value": "0" * 40, "old": line["state"]["blob"]}])


def test_an_altered_subject_is_changed_data_though_the_state_is_equal():
    def find(golden):
        once = delivered_once()
        for identity, line in sorted(golden.items()):
            if line["version"] > 3 and (identity, 2) in once:
                return identity, 2
        raise AssertionError("no such file")

    check_alteration(find, lambda data: data.update(subject=data["subject"] + " "), lambda line: [])


def test_data_altered_beyond_the_golden_is_no_difference():
    with Scratch() as scratch:
        golden = bless_at_cut(os.path.join(scratch, "golden"))
        once = delivered_once()
        identity, version = next((i, line["version"] + 1) for i, line in sorted(golden.items())
                                 if (i, line["version"] + 1) in once)
        altered_history(os.path.join(scratch, "events"), identity, version, lambda data: data.update(subject="x"))
        result = run_json("-a", aggregate("file"), "-g", os.path.join(scratch, "golden"),
                          os.path.join(scratch, "events"))
    expect_status(result, 0, "altered beyond")
    expect((total(result.report, "same"), result.report["history"]["beyond"]), (len(golden), beyond()), "same, beyond")


# ---- options ---------------------------------------------------------------------------------------


def test_at_head_compares_the_last_state():
    with Scratch() as scratch:
        golden = bless_at_cut(scratch)
        result = run_json("-a", aggregate("file"), "-g", scratch, "--at-head", EVENTS)
    wanted = {i: fold(events_of(i)) for i, line in golden.items() if fold(events_of(i)) != line["state"]}
    expect_status(result, 1, "--at-head")
    report = result.report
    expect({d["id"]: d["kind"] for d in report["differences"]}, {i: "changed" for i in wanted}, "differences")
    expect(total(report, "same"), len(golden) - len(wanted), "same")
    for difference in report["differences"]:
        state = dict(golden[difference["id"]]["state"])
        for change in difference["changes"]:
            assert re.fullmatch("/[a-z]+", change["path"]) and change["op"] in ("add", "replace"), change
            expect(state.get(change["path"][1:]), change.get("old"), "old")
            state[change["path"][1:]] = change["value"]
        expect(state, wanted[difference["id"]], "patched golden of " + difference["id"])


def test_require_golden_makes_the_unblessed_differ():
    with Scratch() as scratch:
        golden = bless_at_cut(scratch)
        result = run_json("-a", aggregate("file"), "-g", scratch, "--require-golden", EVENTS)
    expect_status(result, 1, "--require-golden")
    report = result.report
    wanted = sorted(set(history()) - set(golden))
    expect(sorted((d["id"], d["kind"]) for d in report["differences"]), [(i, "unblessed") for i in wanted], "ids")
    expect((total(report, "unblessed"), total(report, "same")), (len(wanted), len(golden)), "unblessed, same")


def test_a_run_that_selects_less_says_what_it_left_out():
    with Scratch() as scratch:
        expect_status(refold("bless", "-a", aggregate("file"), "-g", scratch, EVENTS), 0, "bless")
        result = run_json("-a", aggregate("file"), "-g", scratch, "--until", CUT, EVENTS)
        text = refold("run", "-a", aggregate("file"), "-g", scratch, "--until", CUT, EVENTS)
    expect_status(result, 0, "run --until")
    report = result.report
    whole = sum(1 for i, pin in pins().items() if pin == len(history()[i]))
    expect((total(report, "same"), total(report, "uncompared")), (whole, len(history()) - whole), "same, uncompared")
    expect((total(report, "cut_short"), total(report, "missing"), report["damage"]), (0, 0, []), "no damage")
    assert 0 < whole < len(history())
    expect(b"uncompared" in text.stdout, True, "the text says what is uncompared: %r" % text.stdout)


def test_id_selects_one_instance():
    with Scratch() as scratch:
        golden = bless_at_cut(scratch)
        identity = max(golden, key=lambda i: golden[i]["version"])
        result = run_json("-a", aggregate("file"), "-g", scratch, "--id", identity, EVENTS)
        other = run_json("-a", aggregate("file"), "-g", scratch, "--id", "no such file", EVENTS)
    expect_status(result, 0, "--id")
    report = result.report
    check_sums(report, "--id")
    expect((total(report, "instances"), total(report, "same")), (1, 1), "instances, same")
    expect((total(report, "missing"), report["differences"]), (0, []), "the others are not missing")
    expect(total(report, "uncompared"), len(golden) - 1, "uncompared")
    expect(report["history"]["folded"], len(history()[identity]), "folded")
    expect_status(other, 2, "--id of nothing")
