# SPDX-License-Identifier: MIT
"""--shard and merge: the shards of a run, put together, are what the whole run tells; and what is not all of one
run is refused. Histories with damage of every kind and goldens with differences of every kind."""

import functools
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess

from hostile_test import check_schema
from support import (
    aggregate, check_sums, expect, expect_status, FIXTURES, in_full, lines_of, merged, objects, parallel, part_of,
    plugin, read_bytes, refold, ROOT, sampled, Scratch, slow, without_timing, write_bytes)

FORMATS = ("text", "json", "junit", "tap", "markdown", "github")
PARTS = (1, 2, 4, 7)


def shards(scratch, n, *arguments, name="shard", **keywords):
    """The JSON reports of all shards of a run, as paths, with their statuses."""
    paths = [os.path.join(scratch, "%s-%d-of-%d.json" % (name, k, n)) for k in range(1, n + 1)]

    def run(k):
        # No -r of its own kind on standard output: an odd number of jobs, for the threads' sake. Every other shard
        # has all of its events on disk.
        return refold("run", *arguments, "--shard", "%d/%d" % (k, n), "-j", 1 + k % 3, "-q",
                      "--memory", "1" if k % 2 == 0 else "1G", "-r", "json=" + paths[k - 1], **keywords)

    results = parallel(run, range(1, n + 1))
    return paths, [r.status for r in results]


def without_times(text, kind):
    if kind == "json":
        return json.dumps(without_timing(json.loads(text)), indent=1)
    if kind == "junit":
        return b"\n".join(line for line in text.splitlines() if b" time=" not in line)
    return text


def check_equal(scratch, arguments, parts=PARTS, formats=FORMATS, status=None, **keywords):
    """For each number of shards: every report of the merge is the whole run's. Returns the whole run's report."""
    whole = {f: refold("run", *arguments, "-r", f, **keywords) for f in formats}
    if status is not None:
        expect_status(whole["json"], status, "the whole run")
    report = whole["json"].report
    warnings = [line for line in whole["json"].stderr.splitlines() if "warning" in line]
    for n in part_of(reversed(parts), 2):
        paths, statuses = shards(scratch, n, *arguments, **keywords)
        reports = [json.loads(read_bytes(p)) for p in paths]
        check_schema("report.schema.json", dict(zip(paths, reports)))
        check_parts(report, reports, statuses)
        order = list(paths)
        random.Random(n).shuffle(order)
        for kind in formats if in_full() else ("json", formats[(n + len(arguments)) % len(formats)]):  # the others by turns
            result = refold("merge", *order, "-r", kind)
            expect_status(result, whole[kind].status, "merge of %d, %s" % (n, kind))
            expect(without_times(result.stdout, kind), without_times(whole[kind].stdout, kind),
                   "merge of %d, %s" % (n, kind))
            said = [line for line in result.stderr.splitlines() if "warning" in line]
            expect(said, warnings, "warnings of a merge of %d" % n)
    return report


def check_parts(whole, reports, statuses):
    """Each shard's own sums hold, and each term is the sum of theirs: by this program's addition."""
    decoded = whole["history"]["records"] + whole["history"]["expanded"] - whole["history"]["empty"]
    for report, status in zip(reports, statuses):
        expect(report["exit"], status, "exit")
        h = report["history"]
        expect(h["objects"], h["read"] + h["unreadable"] + h["foreign"], "objects")
        expect(h["records"] + h["expanded"], h["events"] + h["malformed"] + h["empty"], "records")
        terms = ("withdrawn", "unselected", "unclaimed", "duplicates", "conflicts", "skipped", "unhandled",
                 "rejected", "unfolded", "covered", "folded")
        expect(h["events"], sum(h[t] for t in terms) + h.get("elsewhere", 0), "events")
        assert decoded >= h["events"]
    for term in ("withdrawn", "unselected", "unclaimed", "duplicates", "conflicts", "skipped", "unhandled",
                 "rejected", "unfolded", "covered", "folded", "beyond", "gaps"):
        expect(sum(r["history"][term] for r in reports), whole["history"][term], term)
    expect(sum(r["differences_total"] for r in reports), whole["differences_total"], "differences")
    if len(reports) == 1:
        expect(reports[0]["history"].get("elsewhere", 0), 0, "elsewhere of 1/1")
    seen = {}
    for k, report in enumerate(reports, 1):
        expect((report["shard"]["k"], report["shard"]["n"]), (k, len(reports)), "shard")
        for difference in report["differences"]:
            key = (difference["aggregate"], difference["id"])
            assert key not in seen, "%s differs in shards %d and %d" % (key, seen[key], k)
            seen[key] = k
    expect(max(statuses) in (whole["exit"], 1, 3), True, "statuses %s" % statuses)


def edit_golden(folder, name, seed, change):
    """Every few lines of a golden: changed, removed, or of other events; one that no history has."""
    path = os.path.join(folder, name + ".ndjson")
    rng = random.Random(seed)
    lines = []
    for line in read_bytes(path).splitlines():
        value = json.loads(line)
        dice = rng.random()
        if dice < 0.1:
            continue  # unblessed
        if dice < 0.3:
            change(value["state"], rng)
        elif dice < 0.4:
            value["events"] = "%016x" % rng.getrandbits(64)
        elif dice < 0.45:
            lines.append(dict(value, id=value["id"] + "~gone"))  # missing
        elif dice < 0.5:
            value["version"] += 3  # cut short
        lines.append(value)
    lines.sort(key=lambda v: v["id"].encode())
    write_bytes(path, b"".join(
        json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for v in lines))
    os.unlink(os.path.join(folder, name + ".meta.json"))


def damage(history, seed, malformed, flips=2, cuts=1):
    """Some objects break, some records are no events, and something lies there that is no history."""
    rng = random.Random(seed)
    paths = rng.sample(objects(history), flips + cuts)
    for path in paths[:flips]:
        data = bytearray(read_bytes(path))
        data[len(data) // 2] ^= 0x10
        write_bytes(path, bytes(data))
    for path in paths[flips:]:
        write_bytes(path, read_bytes(path)[:-20])
    write_bytes(os.path.join(history, "2001/01/01/00/x-1-2001-01-01-00-00-00-00000000-0000-4000-8000-000000000000"),
                malformed)
    write_bytes(os.path.join(history, "README"), b"nothing to see\n")


@functools.lru_cache(None)
def flat_extra():
    """For the envelope flat: gaps, conflicts, duplicates, versions below the first, among ids of all shards."""
    records = []
    for i in range(60):
        def event(version, kind="FileAdded", blob="b"):
            return {"aggregateType": "file", "aggregateId": "extra-%d" % i, "version": version, "type": kind,
                    "at": "2001-01-01T00:00:%02dZ" % version, "data": {"blob": blob, "mode": "100644", "commit": "c"}}
        records += [event(1), event(2, "FileModified"), event(2, "FileModified")]
        if i % 3 == 0:
            records += [event(2, "FileModified", "other"), event(5, "FileDeleted")]
        if i % 4 == 0:
            records.append(event(0))
        if i % 5 == 0:
            records.append(event(3, "FileTouched"))
        if i % 7 == 0:
            records.append(dict(event(1), aggregateType="unknown"))
        if i % 11 == 0:
            records.append({k: v for k, v in event(1).items() if k != "version"})
    return lines_of(records) + b'{"no":"event"}\n{"broken":\n' + lines_of(records[:1])


# ---- equal -----------------------------------------------------------------------------------------


@slow
def test_the_files_of_zlib_ng_with_damage_and_differences():
    with Scratch() as scratch:
        history, golden = os.path.join(scratch, "h"), os.path.join(scratch, "golden")
        shutil.copytree(merged("git-zlib-ng"), history)
        expect_status(refold("bless", "-a", aggregate("file"), "-g", golden, history), 0, "bless")
        arguments = ("-a", aggregate("file"), "-g", golden, history)
        check_equal(scratch, arguments, parts=(1, 4), status=0)
        edit_golden(golden, "file", 1, lambda state, rng: state.update(mode=rng.choice(["100600", "1"])))
        damage(history, 2, flat_extra())
        report = check_equal(scratch, arguments, status=3)
        kinds = {d["kind"] for d in report["damage"]}
        expect(kinds >= {"unreadable", "malformed", "gap", "conflict", "cut-short"}, True, "damage: %s" % kinds)
        kinds = {d["kind"] for d in report["differences"]}
        expect(kinds >= {"changed", "missing", "rejected"}, True, "differences: %s" % kinds)
        assert report["history"]["withdrawn"] > 0 and report["history"]["unclaimed"] > 0, report["history"]
        for more in (("--keep-partial",), ("--at-head", "--require-golden"), ("--no-compare",), ("--ignore", "/mode"),
                     ("--as-of", "2015-06-01T00:00:00Z"), ("--until", "2016-01"), ("--until", "2099"),
                     ("--id", "extra-5", "--id", "extra-6", "--id", "zlib.h", "--id", "n1", "--id", "n2", "--id", "n3",
                      "--id", "n4", "--id", "n5")):
            check_equal(scratch, more + arguments, parts=(4,), formats=("text", "json"))


@sampled
def test_the_cases_of_sepsis_with_differences():
    """An aggregate that takes all types, without versions; a golden of an aggregate that is not loaded."""
    with Scratch() as scratch:
        history, golden = merged("case-sepsis"), os.path.join(scratch, "golden")
        expect_status(refold("bless", "-a", aggregate("case"), "-g", golden, history), 0, "bless")
        name = [n for n in os.listdir(golden) if n.endswith(".ndjson")][0][:-len(".ndjson")]
        edit_golden(golden, name, 3, lambda state, rng: state.update(path=rng.choice(["a", "b"])))
        report = check_equal(scratch, ("-a", aggregate("case"), "-g", golden, history), status=3)
        assert report["differences_total"] > 100, report["differences_total"]
        write_bytes(os.path.join(scratch, "refold.json"), json.dumps(
            {"policy": {"unclaimed": "warn", "unblessed": "warn"}}).encode())
        check_equal(scratch, ("-C", os.path.join(scratch, "refold.json"), "-a", aggregate("file"), "-g", golden,
                              history), status=2, parts=(4,))


@slow
def test_orders_with_ten_thousand_differences():
    """More differences and damage than are listed: the smallest of all are."""
    with Scratch() as scratch:
        made = subprocess.run([os.path.join(ROOT, "scripts", "make-orders"), scratch, "--events", "150000",
                               "--objects", "40"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        expect(made.returncode, 0, made.stdout)
        history, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
        arguments = ("-a", aggregate("order"), "-g", golden, history)
        check_equal(scratch, arguments, parts=(2,), status=0)
        path = os.path.join(golden, "order.ndjson")
        lines = [json.loads(line) for line in read_bytes(path).splitlines()]
        for i, line in enumerate(lines):
            line["state"]["totalCents"] += i % 5
        write_bytes(path, b"".join(json.dumps(v, sort_keys=True, separators=(",", ":")).encode() + b"\n"
                                   for v in lines))
        gone = []
        for i in range(11000):
            gone.append({"t": "OrderCreated", "d": {"ID": "gap-%d" % i, "Version": 2, "At": "2000-01-01T00:00:00Z"}})
        write_bytes(os.path.join(history, "2000/01/01/00/gaps.gz"), gzip.compress(lines_of(gone)))
        report = check_equal(scratch, arguments, status=3, parts=(1, 2, 7), formats=("text", "json"))
        assert report["differences_total"] > 10000 == len(report["differences"]), report["differences_total"]
        assert report["damage_total"] > 10000 == len(report["damage"]), report["damage_total"]


@sampled
def test_crashes_refusals_and_hostile_ids():
    with Scratch() as scratch:
        ids = ["%d" % i for i in range(40)] + ["é", "\u202etxt", "a\u0000b", "##[error]x", "<b>", "'; rm -rf", "%s", "\\n",
                                               "x" * 300]
        records = []
        for i, name in enumerate(ids):
            at = {"ID": name, "At": "2020-01-01T00:00:00Z"}
            records.append({"t": "OrderCreated", "d": dict(at, Version=1)})
            records.append({"t": "OrderItemAdded", "d": dict(at, Version=2, Qty=1, PriceCents=i)})
            if i % 6 == 0:
                records.append({"t": "OrderItemAdded", "d": dict(at, Version=3, Qty="x")})
        write_bytes(os.path.join(scratch, "h", "2020/01/01/00/a.json"), lines_of(records))
        golden = os.path.join(scratch, "golden")
        arguments = ("-a", aggregate("order"), "-g", golden, os.path.join(scratch, "h"))
        expect_status(refold("bless", *arguments), 0, "bless")
        report = check_equal(scratch, arguments, status=0)
        expect([w for w in report["warnings"] if "refuses" in w] != [], True, "refused as before: %s" % report["warnings"])
        edit_golden(golden, "order", 5, lambda state, rng: state.update(status="\u202e<%d>" % rng.randrange(3)))
        check_equal(scratch, arguments)
        for name in ("crasher", "faller"):
            check_equal(scratch, ("-a", plugin(name), "--no-compare", os.path.join(scratch, "h")), parts=(4,))


@sampled
def test_few_instances_leave_shards_empty():
    with Scratch() as scratch:
        history, golden = os.path.join(scratch, "h"), os.path.join(scratch, "golden")
        write_bytes(os.path.join(history, "2020/01/01/00/a.json"), lines_of(
            {"t": "OrderCreated", "d": {"ID": name, "Version": 1, "At": "2020-01-01T00:00:00Z"}} for name in "abc"))
        arguments = ("-a", aggregate("order"), "-g", golden, history)
        expect_status(refold("bless", *arguments), 0, "bless")
        check_equal(scratch, arguments, parts=(7, 40), status=0)
        paths, statuses = shards(scratch, 7, *arguments)
        expect(set(statuses), {0}, "statuses of 7 shards")
        empty = [p for p in paths if json.loads(read_bytes(p))["aggregates"][0]["instances"] == 0]
        assert len(empty) >= 4, empty
        # Nothing of it is in the golden: no shard knows, the whole does.
        edit_golden(golden, "order", 1, lambda state, rng: None)
        write_bytes(os.path.join(golden, "order.ndjson"), b"")
        expect_status(refold("run", *arguments), 2, "a golden without lines")
        paths, statuses = shards(scratch, 7, *arguments)
        expect(set(statuses), {2}, "statuses without lines")
        expect_status(refold("merge", *paths), 2, "merge without lines")
        # A shard may have events that no one claims, and nothing else: as lines of others tell, these are somewhere.
        mixed, golden = os.path.join(scratch, "mixed"), os.path.join(scratch, "golden-mixed")
        write_bytes(os.path.join(mixed, "2020/01/01/00/a.json"), lines_of(
            {"aggregateType": "order" if name in "abc" else "other", "aggregateId": name, "version": 1,
             "type": "OrderCreated", "at": "2020-01-01T00:00:00Z", "data": {}} for name in "abcdefg"))
        arguments = ("-a", aggregate("order"), "-g", golden, mixed)
        expect_status(refold("bless", *arguments), 0, "bless")
        check_equal(scratch, arguments, parts=(7, 40), status=0)
        paths, statuses = shards(scratch, 7, *arguments)
        expect(set(statuses), {0}, "statuses of 7 shards, some with unclaimed events alone")
        reports = [json.loads(read_bytes(p)) for p in paths]
        alone = [r for r in reports if r["history"]["unclaimed"] > 0 and r["aggregates"][0]["instances"] == 0]
        assert len(alone) >= 1, reports
        _, statuses = shards(scratch, 7, "--no-compare", *arguments[:2], mixed)
        expect([s for s, r in zip(statuses, reports) if r in alone], [2] * len(alone), "no line tells of others")
        # What is nothing as a whole is nothing in every part that there is, and merged.
        other = ("-a", aggregate("order"), "--no-compare", merged("git-jansson"))
        paths, statuses = shards(scratch, 3, *other)
        expect(set(statuses), {2}, "statuses")
        expect_status(refold("merge", *paths), 2, "merge of nothing")


def test_an_instance_is_in_one_shard_whatever_its_aggregate():
    """By the contract's formula; and lines of all goldens are looked at by exactly one shard."""
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        history = merged("git-jansson")
        expect_status(refold("bless", "-a", aggregate("file"), "-g", golden, history), 0, "bless")
        paths, _ = shards(scratch, 4, "-a", aggregate("file"), "-g", golden, history)
        reports = [json.loads(read_bytes(p)) for p in paths]
        lines = len(read_bytes(os.path.join(golden, "file.ndjson")).splitlines())
        counts = [r["aggregates"][0]["instances"] for r in reports]
        expect(sum(counts), lines, "instances")
        assert min(counts) > lines / 8, counts
        for report, count in zip(reports, counts):
            expect(report["shard"]["golden_elsewhere"], lines - count, "lines elsewhere")


# ---- refused ---------------------------------------------------------------------------------------


def refusal(*paths):
    """The sentence with which a merge is refused."""
    result = refold("merge", *paths, "-r", "json")
    expect_status(result, 2, "merge %s" % (paths,))
    expect(result.report["verdict"], "uncompared", "verdict")
    return result.report["error"]


def test_shards_of_other_runs_are_refused():
    with Scratch() as scratch:
        history, golden = os.path.join(scratch, "h"), os.path.join(scratch, "golden")
        shutil.copytree(merged("git-jansson"), history)
        build = os.path.join(scratch, "file.so")
        shutil.copy(aggregate("file"), build)
        arguments = ("-a", build, "-g", golden, history)
        expect_status(refold("bless", *arguments), 0, "bless")
        ours, _ = shards(scratch, 2, *arguments)

        def other(what, *more):
            paths, _ = shards(scratch, 2, *more, *arguments, name="other")
            expect(what in refusal(ours[0], paths[1]), True, "%s: %s" % (what, refusal(ours[0], paths[1])))
            expect(what in refusal(paths[0], ours[1]), True, what)

        other("with other options", "--at-head")
        other("with other options", "--ignore", "/mode")
        other("with other options", "--timeout", "9")
        other("with other options", "--no-compare")
        other("with other options", "--until", "2099")
        other("with other --id or --ids", "--id", "README")
        write_bytes(os.path.join(scratch, "refold.json"), b"{}")
        other("with another config", "-C", os.path.join(scratch, "refold.json"))
        with open(build, "ab") as f:
            f.write(b"\0")
        other("with another build of an aggregate")
        shutil.copy(aggregate("file"), build)
        path = objects(history)[3]
        kept = read_bytes(path)
        write_bytes(path, gzip.compress(gzip.decompress(kept), 1))  # the same events: but who would know
        other("over another history")
        write_bytes(path, kept)
        os.rename(path, path + "x")
        other("over another history")
        os.rename(path + "x", path)
        expect_status(refold("merge", *ours), 0, "and now they are of one run again")
        edit_golden(golden, "file", 1, lambda state, rng: state.update(mode="1"))
        other("against another golden")


def sealed(report):
    """The text of a report, with the digest that goes with it."""
    front = json.dumps({k: v for k, v in report.items() if k not in ("shard", "timing")})[:-1]
    if isinstance(report.get("shard"), dict):
        shard = json.dumps({k: v for k, v in report["shard"].items() if k != "digest"})[:-1]
        front += ', "shard": %s' % shard
        front += ',\n    "digest": "%s"}' % hashlib.sha256(front.encode()).hexdigest()
    elif "shard" in report:
        front += ', "shard": %s' % json.dumps(report["shard"])
    return (front + (', "timing": %s}' % json.dumps(report["timing"]) if "timing" in report else "}")).encode()


@sampled
def test_no_bit_of_a_report_can_fall_in_silence():
    """Reports that were cut or changed: refused, or the merge says what it said before. Never a crash."""
    with Scratch() as scratch:
        golden = os.path.join(scratch, "golden")
        arguments = ("-a", aggregate("file"), "-g", golden, merged("git-jansson"))
        expect_status(refold("bless", *arguments), 0, "bless")
        edit_golden(golden, "file", 4, lambda state, rng: state.update(mode="1"))
        paths, _ = shards(scratch, 2, *arguments)
        whole = refold("merge", *paths, "-r", "json")
        data = read_bytes(paths[1])
        rng = random.Random(7)
        bad = os.path.join(scratch, "bad.json")

        def attempt(changed):
            write_bytes(bad, changed)
            result = refold("merge", paths[0], bad, "-r", "json")
            assert result.status in (2, whole.status), result.status
            if result.status == 2:
                assert result.stderr.startswith("refold: "), result.stderr
                return True
            return False

        for at in (0, 1, 2, len(data) // 2, len(data) - 2):
            expect(attempt(data[:at]), True, "cut at %d" % at)
        report = json.loads(data)
        expect(attempt(sealed(report)), False, "as it was, in another form")
        for member in report:
            less = {k: v for k, v in report.items() if k != member}
            refused = attempt(sealed(less))
            expect(refused or member in ("error",), True, "without " + member)
            if member not in ("timing",):
                for value in part_of((None, 1, "x", [], {}, [1], True), 4):
                    if value != report[member]:
                        attempt(sealed(dict(report, **{member: value})))
        for member in report["shard"]:
            less = {k: v for k, v in report["shard"].items() if k != member}
            expect(attempt(sealed(dict(report, shard=less))), member != "digest", "without shard." + member)
        numbers = [m for m in report["history"] if isinstance(report["history"][m], int)]
        for member in numbers:
            history = dict(report["history"], **{member: report["history"][member] + 1})
            refused = attempt(sealed(dict(report, history=history)))
            expect(refused or member in ("beyond", "gaps"), True, "history." + member)
        for _ in range(60 if in_full() else 20):
            changed = bytearray(data)
            at = rng.randrange(data.index(b'"timing"') - 4)
            changed[at] ^= 1 << rng.randrange(8)
            expect(attempt(bytes(changed)), True, "a bit of byte %d" % at)
