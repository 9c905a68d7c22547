# SPDX-License-Identifier: MIT
"""What takes part: --until, --as-of, the config's streams and skips; and what is counted of gaps, conflicts,
duplicates, versionless and broken events, against numbers worked out by hand or by a model."""

import base64
import calendar
import functools
import gzip
import json
import os
import re
import time
import zlib

from git_test import fold
from support import (
    aggregate, cases, check_sums, expect, expect_status, fault, FIXTURES, lines_of, objects, parallel, part_of, plugin,
    read_bytes, read_golden, refold, run_json, sampled, Scratch, total, write_bytes)

FILE, ORDER = aggregate("file"), aggregate("order")
JANSSON = os.path.join(FIXTURES, "git-jansson", "events")
TALK = os.path.join(FIXTURES, "talk-orders", "events")


def ignoring(report, *keys):
    return {k: v for k, v in report.items() if k not in ("timing",) + keys}


# ---- --until ---------------------------------------------------------------------------------------


def test_all_forms_of_a_time_select_the_same():
    keys = [os.path.relpath(p, JANSSON) for p in objects(JANSSON)]
    middle = keys[len(keys) // 2]
    year, month, day, hour = middle.split("/")[:4]
    later = "%02d" % (int(hour) + 2 if int(hour) < 22 else int(hour))
    shift = int(later) - int(hour)
    forms = {
        "%s/%s/%s/%s" % (year, month, day, hour): [
            "{0}-{1}-{2}T{3}", "{0}/{1}/{2}/{3}", "{0}/{1}/{2}/{3}/", "{0}-{1}-{2}T{3}:00:00Z",
            "{0}-{1}-{2}T{3}:00:00.000Z", "{0}-{1}-{2}T{4}:00:00+0%d:00" % shift],
        "%s/%s/%s" % (year, month, day): ["{0}-{1}-{2}", "{0}/{1}/{2}", "{0}-{1}-{2}T00", "{0}/{1}/{2}/00",
                                          "{0}-{1}-{2}T00:00:00Z"],
        "%s/%s" % (year, month): ["{0}-{1}", "{0}/{1}", "{0}-{1}-01", "{0}/{1}/01/00"],
        year: ["{0}", "{0}-01-01", "{0}/01"],
    }
    for cut, texts in forms.items():
        wanted = sum(1 for key in keys if key < cut)
        assert 0 < wanted < len(keys)
        for text in texts:
            until = text.format(year, month, day, hour, later)
            result = run_json("--no-compare", "-a", FILE, "--until", until, JANSSON)
            expect_status(result, 0, "--until " + until)
            expect(result.report["history"]["objects"], wanted, "--until %s: objects" % until)


def test_times_that_are_none_or_off_the_grain_are_refused():
    bad = ["2015-04-27T13:30:00Z", "2015-04-27T13:00:01Z", "2015-04-27T13:00:00+00:30", "2015-13-01", "2015-02-30",
           "2015-04-27T24", "2015-4-27", "2015/04-27", "20150427", "yesterday", "0", "2015-04-27T13:00:00", "1e3", "-1"]
    for text in bad:
        result = refold("run", "--no-compare", "-a", FILE, "--until=" + text, JANSSON)
        expect((result.status, result.stdout), (2, b""), "--until " + text)
        expect("--until" in result.stderr, True, "%s: %s" % (text, result.stderr))
    expect_status(refold("run", "--no-compare", "-a", FILE, "--since", "2015-04-27", JANSSON), 2, "--since")
    expect_status(refold("bless", "-a", FILE, "--since", "2015-04-27", JANSSON), 2, "bless --since")


def test_folders_of_days_cannot_be_cut_at_an_hour():
    with Scratch() as scratch:
        for day in ("26", "27"):
            write_bytes(os.path.join(scratch, "2015/04/%s/a.json" % day), lines_of([event("f" + day, 1)]))
        for until, status, count in (("2015-04-27T13", 2, None), ("2015-04-27", 0, 1), ("2015-04-27T00", 0, 1),
                                     ("2015-04-28", 0, 2), ("2015-04-26", 2, 0)):
            result = run_json("--no-compare", "-a", FILE, "--until", until, scratch)
            expect_status(result, status, until)
            if count is not None:
                expect(result.report["history"]["objects"], count, until)


def test_an_object_without_an_hour_cannot_be_selected_by_time():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "2015/04/27/13/a.json"), lines_of([event("a", 1)]))
        write_bytes(os.path.join(scratch, "README"), b"not an event\n")
        result = run_json("--no-compare", "-a", FILE, "--until", "2016", scratch)
        expect_status(result, 0, "another file")
        expect(any("README" in w for w in result.report["warnings"]), True, "it is said")
        write_bytes(os.path.join(scratch, "b.json"), lines_of([event("b", 1)]))
        expect_status(refold("run", "--no-compare", "-a", FILE, "--until", "2016", scratch), 2, "b.json has no hour")
        expect_status(refold("run", "--no-compare", "-a", FILE, scratch), 0, "without --until")


# ---- --as-of ---------------------------------------------------------------------------------------

INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):?(\d\d))")


def nanos(text):
    """Nanoseconds since 1970."""
    year, month, day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = INSTANT.fullmatch(text).groups()
    seconds = calendar.timegm((int(year), int(month), int(day), int(hour), int(minute), int(second)))
    if sign:
        offset = int(off_hours) * 3600 + int(off_minutes) * 60
        seconds -= offset if sign == "+" else -offset
    return seconds * 10**9 + int(((fraction or "") + "0" * 9)[:9])


def stamp(value):
    """RFC 3339 of nanoseconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(value // 10**9)) + ".%09dZ" % (value % 10**9)


@functools.lru_cache(maxsize=None)
def talk():
    """id -> [(version, nanoseconds)] of all copies, in the order of (version, key, offset)"""
    found = {}
    for path in objects(TALK):
        for line in gzip.decompress(read_bytes(path)).split(b"\n"):
            if line:
                record = json.loads(base64.b64decode(line))["d"]
                found.setdefault(record["ID"], []).append((record["Version"], nanos(record["At"])))
    for copies in found.values():
        copies.sort(key=lambda c: c[0])  # stable
    return found


def model(limit):
    """versions: id -> last version; and the counts of the sums"""
    versions, unselected, duplicates = {}, 0, 0
    for identity, copies in talk().items():
        seen = set()
        for at, (version, when) in enumerate(copies):
            if version in seen:
                duplicates += 1
            elif when > limit:
                unselected += len(copies) - at
                break
            else:
                seen.add(version)
        if seen:
            versions[identity] = max(seen)
    return versions, unselected, duplicates


@sampled
def test_as_of_ends_instances_where_the_model_does():
    times = sorted(when for copies in talk().values() for _, when in copies)
    limits = {times[len(times) * n // 10] + offset for n in (1, 3, 5, 7, 9) for offset in (-1, 0, 1)} | {times[-1]}

    def check(limit):
        versions, unselected, duplicates = model(limit)
        with Scratch() as scratch:
            result = refold("bless", "-r", "json", "-a", ORDER, "-g", scratch, "--as-of", stamp(limit), TALK)
            expect_status(result, 0, stamp(limit))
            golden = read_golden(os.path.join(scratch, "order.ndjson"))
        history = result.report["history"]
        check_sums(result.report, stamp(limit))
        expect({i: line["version"] for i, line in golden.items()}, versions, stamp(limit) + ": versions")
        expect((history["unselected"], history["duplicates"], history["folded"]),
               (unselected, duplicates, sum(versions.values())), stamp(limit))
        return unselected

    unselected = parallel(check, part_of(sorted(limits), 5))
    expect((min(unselected), max(unselected) > 10000), (0, True), "the model selects more and less")


def test_as_of_ends_an_instance_before_its_first_later_version():
    """Even where a version behind that is early again; a copy counts as the version that it copies."""
    minutes = {"back": [1, 9, 2, 3], "early": [1, 2, 3, 4], "late": [9], "at": [5], "after": [4, 5]}
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
        values = [event(i, n + 1, at="2020-01-01T00:%02d:00Z" % m)
                  for i, ms in minutes.items() for n, m in enumerate(ms)]
        write_hour(source, 1, lines_of(values[::-1]))
        write_hour(source, 2, lines_of(values[:4]))
        for text in ("2020-01-01T00:05:00Z", "2020-01-01T02:05:00+02:00", "2020-01-01T00:05:00.000000000Z"):
            result = refold("bless", "-r", "json", "-a", FILE, "-g", golden, "--as-of", text, source)
            expect_status(result, 0, text)
            lines = read_golden(os.path.join(golden, "file.ndjson"))
            expect({i: line["version"] for i, line in lines.items()},
                   {"back": 1, "early": 4, "at": 1, "after": 2}, text)
            history = result.report["history"]
            # back: 3 versions, each twice; late: 1. Of back's version 1 a copy is dropped.
            expect((history["unselected"], history["duplicates"], history["folded"]), (7, 1, 8), text)


def test_as_of_before_everything_matches_nothing():
    result = run_json("--no-compare", "-a", ORDER, "--as-of", "2000-01-01T00:00:00Z", TALK)
    expect_status(result, 2, "--as-of 2000")
    expect(result.report["history"]["unselected"], sum(len(c) for c in talk().values()), "unselected")
    for text in ("2017-06-24", "2017-06-24T00:00:00", "soon", "1498262400"):
        expect_status(refold("run", "--no-compare", "-a", ORDER, "--as-of", text, TALK), 2, "--as-of " + text)


def test_a_run_as_of_a_time_leaves_the_rest_uncompared():
    times = sorted(when for copies in talk().values() for _, when in copies)
    limit = times[len(times) // 2]
    versions, unselected, _ = model(limit)
    with Scratch() as scratch:
        expect_status(refold("bless", "-a", ORDER, "-g", scratch, TALK), 0, "bless")
        golden = read_golden(os.path.join(scratch, "order.ndjson"))
        result = run_json("-a", ORDER, "-g", scratch, "--as-of", stamp(limit), TALK)
    whole = sum(1 for i, line in golden.items() if versions.get(i) == line["version"])
    expect_status(result, 0, "run --as-of")
    expect((total(result.report, "same"), total(result.report, "uncompared"), result.report["history"]["unselected"]),
           (whole, len(golden) - whole, unselected), "same, uncompared, unselected")
    assert 0 < whole < len(golden)


# ---- a history by hand -----------------------------------------------------------------------------


def event(identity, version, kind="FileModified", at=None, **more):
    record = {"id": "%s/%s" % (identity, version), "aggregateType": "file", "aggregateId": identity, "version": version,
              "type": kind, "at": at or "2020-01-01T00:00:%02dZ" % int(version),
              "data": {"blob": "b%s" % version, "commit": "c%s" % version}}
    record.update(more)
    return record


def data(text):
    """A record whose data is this very text."""
    return (json.dumps(event("tokens", 1, data=0)).replace('"data": 0', '"data": ' + text) + "\n").encode("ascii")


def write_hour(folder, hour, content, name="a.json"):
    write_bytes(os.path.join(folder, "2020/01/01/%02d" % hour, name), content)


@fault(25)
def test_gaps_conflicts_and_duplicates_are_counted():
    with Scratch() as scratch:
        write_hour(scratch, 0, lines_of([
            event("whole", 1), event("whole", 2), event("whole", 3),
            event("gap", 1), event("gap", 2), event("gap", 5), event("gap", 6), event("gap", 9),  # two places
            event("front", 3), event("front", 4),                                                # one
            event("twice", 2), event("twice", 1),
            event("type", 1), event("time", 1), event("instant", 1),
            event("text", "3"), event("text", 1), event("text", 2),
        ]))
        write_hour(scratch, 1, lines_of([
            event("twice", 1), event("twice", 2),
            event("twice", 2, id="another event id"),                        # the id of an event is no part of it
            event("type", 1, kind="FileDeleted"),
            event("time", 1, at="2020-01-01T00:00:01.000000001Z"),
            event("instant", 1, at="2020-01-01T02:00:01.0+02:00"),
            event("text", 3, data={"commit": "c3", "blob": "b3"}),           # the keys in another order
        ]))
        # Of each version the first is folded; the others are compared with it.
        write_hour(scratch, 2, data('{"n":1,"commit":"a","blob":"b"}') + data('{"n":1.0,"commit":"a","blob":"b"}') +
                   data('{"blob":"b","n":1, "commit":"\\u0061"}') + data('{"n":1e0,"commit":"a","blob":"b"}') +
                   data('{"n":1,"commit":"a","blob":"b","more":null}') + data('{"n":1,"commit":"a","blob":"b"}'))
        result = run_json("--no-compare", "-a", FILE, scratch)
        until = run_json("--no-compare", "-a", FILE, "--until", "2021", scratch)
    expect_status(result, 3, "run")
    report = result.report
    check_sums(report, "run")
    history = report["history"]
    expect((history["events"], history["gaps"], history["duplicates"], history["conflicts"]),
           (18 + 7 + 6, 3, 3 + 1 + 1 + 2, 1 + 1 + 3), "events, gaps, duplicates, conflicts")
    expect(history["folded"], 31 - 7 - 5, "folded")
    found = sorted((d["kind"], d["id"], d["version"]) for d in report["damage"])
    expect(found, [("conflict", "time", 1), ("conflict", "tokens", 1), ("conflict", "tokens", 1),
                   ("conflict", "tokens", 1), ("conflict", "type", 1), ("gap", "front", 1), ("gap", "gap", 3),
                   ("gap", "gap", 7)], "damage")
    # --until: an instance ends before its first gap, which is no damage; conflicts are.
    expect_status(until, 3, "--until")
    history = until.report["history"]
    expect((history["unselected"], history["folded"], total(until.report, "instances")), (3 + 2, 31 - 7 - 5 - 5, 8),
           "--until: unselected, folded, instances")
    expect({d["kind"] for d in until.report["damage"]}, {"conflict"}, "--until: damage")
    assert history["gaps"] >= 2, history
    cases(25, 8)


def test_of_a_conflict_the_first_is_folded():
    values = [event("f", 1, kind="FileAdded", data={"blob": "one", "mode": "1", "commit": "c"}),
              event("f", 1, kind="FileAdded", data={"blob": "two", "mode": "1", "commit": "c"})]
    for order in (values, values[::-1]):
        with Scratch() as scratch:
            write_hour(scratch, 5, lines_of([order[1]]), "b.json")
            write_hour(scratch, 5, lines_of([order[0]]), "a.json")
            write_bytes(os.path.join(scratch, "golden", "file.ndjson"), b"")
            golden = os.path.join(scratch, "golden")
            first = order[0]["data"]["blob"]
            write_bytes(os.path.join(golden, "file.ndjson"), (
                '{"id":"f","state":{"blob":"%s","changes":1,"commit":"c","mode":"1","present":true},"version":1}\n'
                % first).encode())
            result = run_json("-a", FILE, "-g", golden, os.path.join(scratch, "2020"))
        expect_status(result, 3, "conflict")
        expect((total(result.report, "same"), result.report["differences"]), (1, []), "first is " + first)


def test_versionless_events_are_folded_by_time():
    def when(minute, eid, blob, identity="v"):
        return {"id": eid, "aggregateType": "file", "aggregateId": identity, "type": "FileModified",
                "at": "2020-01-01T00:%02d:00Z" % minute, "data": {"blob": blob, "commit": "c%d" % minute}}

    def without_eid(minute, blob):
        record = when(minute, "", blob, "untold")
        del record["id"]
        return record

    events = [when(3, "e3", "three"), when(1, "e1", "one"), when(2, "e2", "two"),
              when(9, "x1", "late, but first in its object", "ties"), when(9, "x2", "last", "ties")]
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
        write_hour(source, 1, lines_of(events))
        write_hour(source, 2, lines_of([events[1], events[0]]))  # delivered again
        result = refold("bless", "-r", "json", "-a", FILE, "-g", golden, source)
        expect_status(result, 0, "bless")
        lines = read_golden(os.path.join(golden, "file.ndjson"))
        report = result.report
        expect((report["history"]["duplicates"], report["history"]["folded"], report["warnings"]),
               (2, 5, ["2 instances without versions: an event of them that is missing cannot be seen; "
                       "1 of them with events of one time: these in the order of keys and offsets"]), "told apart")
        expect(report["history"]["of_one_time"], 1, "ties")
        expect({i: (line["version"], line["state"]) for i, line in lines.items()},
               {"v": (3, dict(fold([events[1], events[2], events[0]]))), "ties": (2, fold(events[3:]))}, "golden")
        expect((lines["v"]["state"]["blob"], lines["ties"]["state"]["blob"]), ("three", "last"), "blobs")
        expect_status(run_json("-a", FILE, "-g", golden, source), 0, "run")
        # One more event in between, which came late: the places move, and so does the state at version 3.
        write_hour(source, 3, lines_of([when(2, "e2b", "between")]))
        late = run_json("-a", FILE, "-g", golden, source)
        expect_status(late, 1, "a late event in between")
        expect([(d["id"], d["kind"], d["cause"]) for d in late.report["differences"]], [("v", "changed", "data")],
               "late")
        # The same event id with other data.
        write_hour(source, 4, lines_of([dict(events[2], data={"blob": "other", "commit": "c"})]))
        expect_status(refold("bless", "-a", FILE, "-g", golden, source), 3, "a conflict")
        # Without event ids duplicates cannot be told.
        other = os.path.join(scratch, "other")
        write_hour(other, 1, lines_of([without_eid(1, "a"), without_eid(2, "b"), without_eid(1, "a")]))
        untold = run_json("--no-compare", "-a", FILE, other)
        expect_status(untold, 0, "no event ids")
        expect((untold.report["history"]["duplicates"], untold.report["history"]["folded"]), (0, 3), "no event ids")
        assert any("duplicates" in w for w in untold.report["warnings"]), untold.report["warnings"]


def test_an_event_without_a_version_among_versions_is_malformed():
    with Scratch() as scratch:
        stray = event("f", 2)
        del stray["version"]
        write_hour(scratch, 1, lines_of([event("f", 1), stray, event("f", 2), event("g", 1)]))
        write_hour(scratch, 2, lines_of([event("h", 0), event("h", 1)]))  # below the first
        result = run_json("--no-compare", "-a", FILE, scratch)
    expect_status(result, 3, "run")
    check_sums(result.report, "run")
    history = result.report["history"]
    expect((history["records"], history["events"], history["malformed"], history["folded"], history["gaps"]),
           (6, 4, 2, 4, 0), "records, events, malformed, folded, gaps")
    expect([(d["kind"], d["id"]) for d in result.report["damage"]], [("malformed", "f"), ("malformed", "h")],
           "damage")


# ---- the config ------------------------------------------------------------------------------------


def firehose(stream, number):
    return "%s-1-2020-01-01-00-00-%02d-9e3779b1-0000-4000-8000-000000000001" % (stream, number)


def sourced(identity, version, kind, **more):
    """A record that names no aggregate."""
    return {"t": kind,
            "d": dict({"ID": identity, "Version": version, "At": "2020-01-01T00:00:%02dZ" % version}, **more)}


def with_config(folder, config):
    path = os.path.join(folder, "refold.json")
    write_bytes(path, json.dumps(config).encode())
    return path


def test_streams_say_whose_events_those_are():
    with Scratch() as scratch:
        source = os.path.join(scratch, "events")
        write_hour(source, 0, lines_of([sourced("1", 1, "OrderCreated"), sourced("1", 2, "OrderApproved")]),
                   firehose("orders-eu", 1))
        write_hour(source, 0, lines_of([sourced("1", 1, "OrderCreated"), sourced("2", 1, "Added", By=5)]),
                   firehose("counts", 2))
        both = ("-a", ORDER, "-a", plugin("crasher"))
        # Both declare OrderCreated: only a stream can tell.
        unclear = refold("run", "--no-compare", *both, source)
        expect((unclear.status, "streams" in unclear.stderr), (2, True), unclear.stderr)
        config = with_config(scratch, {"streams": [{"match": "orders-*", "aggregate": "order"},
                                                   {"match": "*", "aggregate": "crasher"}]})
        result = run_json("-C", config, "--no-compare", *both, source)
        expect_status(result, 0, "streams")
        expect({t["name"]: (t["instances"], t["events"]) for t in result.report["aggregates"]},
               {"crasher": (2, 2), "order": (1, 2)}, "aggregates")
        # The first match counts.
        config = with_config(scratch, {"streams": [{"match": "*", "aggregate": "crasher"},
                                                   {"match": "orders-*", "aggregate": "order"}]})
        result = run_json("-C", config, "--no-compare", *both, source)
        expect_status(result, 0, "the first match")
        expect({t["name"]: (t["instances"], t["events"]) for t in result.report["aggregates"]},
               {"crasher": (2, 3), "order": (0, 0)}, "the first match")
        expect(result.report["history"]["duplicates"], 1, "two streams with one event")
        # A stream of an aggregate that is not loaded.
        config = with_config(scratch, {"streams": [{"match": "counts", "aggregate": "other"}]})
        result = run_json("-C", config, "--no-compare", "-a", ORDER, source)
        expect_status(result, 0, "a stream of another aggregate")
        expect((result.report["history"]["unclaimed"], result.report["history"]["folded"]), (2, 2), "unclaimed")
        # An envelope of a stream's own.
        config = with_config(scratch, {"streams": [
            {"match": "orders-*", "aggregate": "order"},
            {"match": "counts", "aggregate": "crasher", "envelope": {"id": "/t", "type": "/t", "data": "/d"}}]})
        result = run_json("-C", config, "--no-compare", "-a", plugin("crasher"), "-a", ORDER, source)
        expect(result.report["history"]["envelopes"], {"eventsource": 2, "custom": 2}, "envelopes")


def test_unclaimed_events_are_counted_and_their_policy_is_heard():
    values = [event("f", 1), dict(event("x", 1), aggregateType="invoice"), dict(event("x", 7), aggregateType="invoice")]
    with Scratch() as scratch:
        source = os.path.join(scratch, "events")
        write_hour(source, 0, lines_of(values))
        for policy, status in (("count", 0), ("warn", 0), ("error", 3)):
            config = with_config(scratch, {"policy": {"unclaimed": policy}})
            result = run_json("-C", config, "--no-compare", "-a", FILE, source)
            expect_status(result, status, policy)
            history = result.report["history"]
            expect((history["unclaimed"], history["folded"], history["gaps"]), (2, 1, 0), policy)
            expect(len(result.report["warnings"]) > 0, policy != "count", policy + ": a warning")
        write_hour(source, 0, lines_of([dict(event("x", 1), aggregateType="invoice")]))
        expect_status(refold("run", "--no-compare", "-a", FILE, source), 2, "nothing that is claimed")


def test_types_tell_whose_events_those_are_that_name_no_aggregate():
    with Scratch() as scratch:
        write_hour(scratch, 0, lines_of([sourced("1", 1, "Unknown"), sourced("2", 1, "OrderCreated"),
                                         sourced("2", 2, "Unknown"), sourced("3", 1, "FileDeleted", commit="c")]))
        result = run_json("--no-compare", "-a", ORDER, "-a", FILE, scratch)
    expect_status(result, 1, "a type of no one ends the fold of order 2")
    check_sums(result.report, "types")
    history = result.report["history"]
    expect((history["unclaimed"], history["folded"], history["unhandled"]), (1, 2, 1), "unclaimed, folded, unhandled")
    expect({t["name"]: t["instances"] for t in result.report["aggregates"]}, {"file": 1, "order": 1}, "instances")


def test_skipped_types_are_passed_over_and_unhandled_ones_end_the_fold():
    values = [sourced("1", 1, "OrderCreated"), sourced("1", 2, "OrderViewed"), sourced("1", 3, "OrderApproved"),
              sourced("1", 3, "OrderApproved"), sourced("1", 4, "OrderViewed"), sourced("2", 1, "OrderViewed"),
              sourced("2", 2, "OrderCreated"), sourced("3", 1, "OrderCreated")]
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
        write_hour(source, 0, lines_of(values))
        config = with_config(scratch, {"aggregates": {"order": {
            "skip": [{"type": "OrderViewed", "reason": "a test"}]}}})
        result = refold("bless", "-r", "json", "-C", config, "-a", ORDER, "-g", golden, source)
        expect_status(result, 0, "skip")
        check_sums(result.report, "skip")
        history = result.report["history"]
        expect((history["skipped"], history["folded"], history["duplicates"], history["gaps"], history["unhandled"]),
               (3, 4, 1, 0, 0), "skip")
        lines = read_golden(os.path.join(golden, "order.ndjson"))
        expect({i: line["state"]["status"] for i, line in lines.items()},
               {"1": "approved", "2": "created", "3": "created"}, "states")
        expect(["rejected" in line for line in lines.values()], [False] * 3, "rejected")
        expect_status(run_json("-C", config, "-a", ORDER, "-g", golden, source), 0, "run with the skip")
        os.remove(config)
        result = run_json("-a", ORDER, "-g", golden, source)
        expect_status(result, 1, "without the skip")
        check_sums(result.report, "without the skip")
        expect([(d["id"], d["kind"], d["version"]) for d in result.report["differences"]],
               [("1", "rejected", 2), ("2", "rejected", 1)], "differences")
        expect(all("OrderViewed" in d["message"] for d in result.report["differences"]), True, "messages")
        history = result.report["history"]
        # Of order 1 version 2 is unhandled, 3 and 4 lie behind it; of order 2 version 1 and 2.
        expect((history["unhandled"], history["unfolded"], history["folded"], history["duplicates"],
                history["skipped"]), (2, 3, 2, 1, 0), "without the skip")
        # A refusal can be blessed; then it is the same.
        expect_status(refold("bless", "-a", ORDER, "-g", golden, source), 0, "bless of refusals")
        lines = read_golden(os.path.join(golden, "order.ndjson"))
        expect({i: (line["version"], line.get("rejected", {}).get("version"), line.get("rejected", {}).get("type"))
                for i, line in lines.items()},
               {"1": (1, 2, "OrderViewed"), "2": (0, 1, "OrderViewed"), "3": (1, None, None)}, "refusals")
        result = run_json("-a", ORDER, "-g", golden, source)
        expect_status(result, 0, "run over refusals")
        expect(total(result.report, "same"), 3, "same")


# ---- --keep-partial --------------------------------------------------------------------------------


def whole_records(stored):
    """How many records zlib gets out of what is left of an object."""
    text = zlib.decompressobj(31).decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
    return text.count(b"\n")


def test_keep_partial_keeps_what_stands_before_the_break():
    values = [event("f%03d" % n, 1, kind="FileAdded",
                        data={"blob": "%040x" % (n * 7919**5), "mode": "1", "commit": "c"}) for n in range(400)]
    packed = gzip.compress(lines_of(values), mtime=0)
    plain = lines_of(values)
    for stored in (packed[:len(packed) // 2], packed[:len(packed) * 9 // 10], packed[:-1], plain[:len(plain) // 3]):
        with Scratch() as scratch:
            source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
            write_hour(source, 1, packed, "a.gz")
            write_hour(source, 2, lines_of([event("other", 1)]), "b.json")
            expect_status(refold("bless", "-a", FILE, "-g", golden, source), 0, "bless")
            write_hour(source, 1, stored, "a.gz")
            without = run_json("-a", FILE, "-g", golden, source)
            kept = run_json("--keep-partial", "-a", FILE, "-g", golden, source)
        count = whole_records(stored)
        assert count > 50, count
        what = "%d of %d records" % (count, len(values))
        for result in (without, kept):
            expect_status(result, 3, what)
            check_sums(result.report, what)
            history = result.report["history"]
            expect((history["unreadable"], history["read"], history["events"]), (1, 1, count + 1), what)
            expect([d["kind"] for d in result.report["damage"]], ["truncated"], what)
        expect((without.report["history"]["withdrawn"], without.report["history"]["folded"],
                total(without.report, "same"), total(without.report, "missing")), (count, 1, 1, 400),
               what + ": withdrawn")
        expect((kept.report["history"]["withdrawn"], kept.report["history"]["folded"], total(kept.report, "same"),
                total(kept.report, "missing")), (0, count + 1, count + 1, 400 - count), what + ": kept")
