# SPDX-License-Identifier: MIT
"""Digest goldens: a run says of them what it says of a golden whose lines are all at hand, and reads no more lines
than it must. Manifests and lines are written and checked here by this program's own reading of the contract."""

import functools
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time

from hostile_test import check_schema
from servers import scratch_folder
from support import (
    aggregate, BUILD, check_sums, expect, expect_status, FIXTURES, merged, objects, parallel, part_of, patched, plugin,
    read_bytes, refold, ROOT, run_json, sampled, Scratch, slow, with_package, write_bytes)

SHARDS = 512
SEAL = b'"states":"'


class Digests:
    """A digest golden on disk, read and written without refold."""

    def __init__(self, folder, name, lines=None):
        self.path = os.path.join(folder, name + ".digest.json")
        self.lines = os.path.join(lines or os.path.join(folder, ".lines"), name)
        self.meta = json.loads(read_bytes(self.path))

    def shards(self):
        return self.meta["shards"]

    def file(self, number):
        return os.path.join(self.lines, "%03x-%s.ndjson.gz" % (number, self.shards()[number][0][:16]))

    def read(self, number):
        """The lines of a shard, with their LFs."""
        digest, count = self.shards()[number]
        text = gzip.decompress(read_bytes(self.file(number))) if count else b""
        expect(hashlib.sha256(text).hexdigest(), digest, "digest of shard %d" % number)
        lines = text.splitlines(keepends=True)
        expect(len(lines), count, "lines of shard %d" % number)
        return lines

    def replace(self, number, lines):
        """Other lines for a shard: their file, and what the manifest tells of them."""
        text = b"".join(lines)
        self.shards()[number] = [hashlib.sha256(text).hexdigest(), len(lines)]
        if lines:
            write_bytes(self.file(number), gzip.compress(text, 6, mtime=0))

    def write(self):
        """Seals the manifest."""
        meta = dict(self.meta, lines=sum(count for _, count in self.shards()))
        shards = ",".join('\n["%s",%d]' % tuple(s) for s in meta.pop("shards"))
        meta.pop("states")
        front = json.dumps(meta, sort_keys=True, separators=(",", ":"))[:-1] + ',"shards":[' + shards + "\n],"
        front = front.encode("utf-8")
        write_bytes(self.path, front + SEAL + hashlib.sha256(front).hexdigest().encode() + b'"}\n')

    def all(self):
        """id -> (shard, line)"""
        found = {}
        for number in range(SHARDS):
            lines = self.read(number)
            ids = [json.loads(line)["id"] for line in lines]
            expect(ids, sorted(ids, key=lambda i: i.encode("utf-8")), "order of shard %d" % number)
            found.update((i, (number, line)) for i, line in zip(ids, lines))
        return found


def plain_lines(folder, name):
    return read_bytes(os.path.join(folder, name + ".ndjson")).splitlines(keepends=True)


# ---- the histories ---------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def orders():
    folder = os.path.join(BUILD, "tests", "digest-orders")
    if not os.path.exists(folder):
        making = folder + ".%d" % os.getpid()
        subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), making, "--events", "9000",
                        "--objects", "24", "--jobs", "1"], check=True, stdout=subprocess.DEVNULL)
        try:
            os.rename(making, folder)
        except OSError:  # another test was faster
            shutil.rmtree(making)
    return os.path.join(folder, "events")


HISTORIES = {
    "git-zlib-ng": ("file", lambda: merged("git-zlib-ng"), "2021/11", "2015"),
    "case-sepsis": ("case", lambda: merged("case-sepsis"), "2014/08", "2014/03"),
    "orders": ("order", orders, "2017/03/01/12", "2017/03/01/06"),
}


@functools.lru_cache(maxsize=None)
def both_once(history, *arguments):
    """As both, for all tests of this process."""
    scratch = scratch_folder()
    bless_both(scratch, history, *arguments)
    return scratch


def both(scratch, history, *arguments):
    """Goldens of both kinds of one history, blessed alike."""
    if "-C" in arguments:
        bless_both(scratch, history, *arguments)
        return
    for kind in ("plain", "digest"):
        shutil.copytree(os.path.join(both_once(history, *arguments), kind), os.path.join(scratch, kind))


def bless_both(scratch, history, *arguments):
    name, events, _, _ = HISTORIES[history]
    for kind, words in (("plain", ()), ("digest", ("--digest",))):
        result = refold("bless", "-a", aggregate(name), "-g", os.path.join(scratch, kind), *words, *arguments, events())
        expect_status(result, 0, "bless " + kind)


def golden_names(scratch):
    return sorted(n[:-len(".meta.json")] for n in os.listdir(os.path.join(scratch, "plain")) if n.endswith(".meta.json"))


def what_was_found(result):
    report = result.report
    for proper in ("timing", "golden_lines"):
        report.pop(proper, None)
    report["proof"].pop("golden", None)
    report["warnings"] = [w for w in report["warnings"] if "edited by hand" not in w and "has no meta file" not in w]
    return report


def check_alike(scratch, what, status, arguments, jobs=("1", "8")):
    """Both goldens give one report; returns how much of the digest golden's lines was read."""
    plain = run_json("-g", os.path.join(scratch, "plain"), *arguments)
    expect_status(plain, status, what + ", plain")
    check_sums(plain.report, what)
    used = None
    for count in part_of(reversed(jobs), 2):
        result = run_json("-g", os.path.join(scratch, "digest"), "-j", count, *arguments)
        expect_status(result, status, what + ", digest, -j " + count)
        use = result.report["golden_lines"]
        got, wanted = what_was_found(result), what_was_found(plain)
        for member in wanted:
            expect(got.get(member), wanted[member], "%s, -j %s: %s" % (what, count, member))
        expect(sorted(got), sorted(wanted), what + ": members")
        expect(used or use, use, what + ": lines read, by jobs")
        used = use
    return used


# ---- the form --------------------------------------------------------------------------------------


@sampled
def test_manifest_and_lines_hold_what_a_plain_golden_holds():
    for history in part_of(HISTORIES, 2):
        with Scratch() as scratch:
            both(scratch, history)
            for name in golden_names(scratch):
                digests = Digests(os.path.join(scratch, "digest"), name)
                expect(sorted(line for _, line in digests.all().values()),
                       sorted(plain_lines(os.path.join(scratch, "plain"), name)), history + ": lines")
                meta = json.loads(read_bytes(os.path.join(scratch, "plain", name + ".meta.json")))
                for member in ("aggregate", "format", "history", "lines", "rejected"):
                    expect(digests.meta[member], meta[member], "%s: %s" % (history, member))
                before = read_bytes(digests.path)
                digests.write()
                expect(read_bytes(digests.path), before, history + ": the manifest, written by another")
                assert len(before) <= 64 * 1024, "the manifest has %d bytes" % len(before)


def test_shards_are_by_the_hash_of_the_id():
    with Scratch() as scratch:
        both(scratch, "git-zlib-ng")
        found = Digests(os.path.join(scratch, "digest"), "file").all()
    ids = sorted(found)
    code = "import json,sys,xxhash\nprint(json.dumps([xxhash.xxh3_64_intdigest(i.encode('utf-8'),0)%512 " \
           "for i in json.load(sys.stdin)]))"
    wanted = json.loads(with_package("xxhash", code, json.dumps(ids).encode()))
    expect([found[i][0] for i in ids], wanted, "shards")


def test_a_bless_is_the_same_bytes_for_any_jobs_and_writes_nothing_twice():
    name, events, _, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        trees = []
        for jobs in ("1", "8"):
            folder = os.path.join(scratch, jobs)
            expect_status(refold("bless", "-j", jobs, "-a", aggregate(name), "-g", folder, "--digest", events()), 0, jobs)
            trees.append({os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)})
        expect(sorted(trees[0]), sorted(trees[1]), "files")
        expect(trees[0] == trees[1], True, "their bytes")
        inodes = {p: os.stat(p).st_ino for p in objects(scratch)}
        result = refold("bless", "-a", aggregate(name), "-g", os.path.join(scratch, "8"), events())
        expect_status(result, 0, "again")
        expect({p: os.stat(p).st_ino for p in objects(scratch)}, inodes, "files that were written anew")
        assert b"the golden is as it was" in result.stdout


# ---- the same verdicts -----------------------------------------------------------------------------


@sampled
def test_nothing_differs_and_no_line_is_read():
    for history, (name, events, _, _) in part_of(HISTORIES.items(), 2):
        with Scratch() as scratch:
            both(scratch, history)
            shutil.rmtree(os.path.join(scratch, "digest", ".lines"))
            use = check_alike(scratch, history, 0, ["-a", aggregate(name), events()])
        expect((use["shards_read"], use["lines_read"], use["bytes_read"], use["shards_unread"]), (0, 0, 0, 0), history)
        assert use["lines"] > 500


@slow
def test_history_that_went_on_is_beyond():
    for history, (name, events, cut, _) in HISTORIES.items():
        with Scratch() as scratch:
            both(scratch, history, "--until", cut)
            words = ["-a", aggregate(name), events()]
            use = check_alike(scratch, history, 0, words)
            assert use["shards_read"] > 0
            check_alike(scratch, history + " --until", 0, ["--until", cut] + words)
            check_alike(scratch, history + " --require-golden", 1, ["--require-golden"] + words)
            check_alike(scratch, history + " --at-head", 1, ["--at-head"] + words)


@slow
def test_less_history_is_damage_unless_it_was_asked_for():
    for history, (name, events, cut, _) in HISTORIES.items():
        with Scratch() as scratch:
            both(scratch, history)
            words = ["-a", aggregate(name), events()]
            check_alike(scratch, history + " --until", 0, ["--until", cut] + words)
            at = "2017-03-01T12:00:00Z" if history == "orders" else cut.replace("/", "-") + "-01T00:00:00Z"
            check_alike(scratch, history + " --as-of", 0, ["--as-of", at] + words)
            part = os.path.join(scratch, "part")
            paths = objects(events())
            for path in paths[:len(paths) * 2 // 3]:
                write_bytes(os.path.join(part, os.path.relpath(path, events())), read_bytes(path))
            plain = run_json("-g", os.path.join(scratch, "plain"), "-a", aggregate(name), part)
            assert plain.status in (1, 3), plain.status
            check_alike(scratch, history + ", a part", plain.status, ["-a", aggregate(name), part])


BUGS = {
    "git-zlib-ng": ("file->present = event->kind != FILE_DELETED;", "file->present = 1;"),
    "orders": ("    order->items++;\n", "    order->items += 1 + (event->version == 7);\n"),
}


@slow
def test_planted_bugs_are_found_as_ever():
    for history, (old, new) in BUGS.items():
        name, events, cut, _ = HISTORIES[history]
        with Scratch() as scratch:
            both(scratch, history)
            bug = patched(os.path.join(ROOT, "aggregates", name + ".c"), os.path.join(scratch, "bug.c"), old, new)
            use = check_alike(scratch, history, 1, ["-a", bug, events()])
            assert use["shards_read"] > 50
            check_alike(scratch, history + " --ignore", 0, ["-a", bug, "--ignore", "/present", "--ignore", "/items",
                                                            events()])
        with Scratch() as scratch:
            both(scratch, history, "--until", cut)
            check_alike(scratch, history + ", grown", 1, ["-a", bug_in(scratch, name, old, new), events()])


def bug_in(scratch, name, old, new):
    return patched(os.path.join(ROOT, "aggregates", name + ".c"), os.path.join(scratch, "bug.c"), old, new)


@sampled
@slow
def test_an_aggregate_that_refuses_is_the_same_on_both_sides():
    old, new = "    order->items++;\n", \
        "    if (event->version == 5)\n        return refold_reject(event, \"no fifth\");\n    order->items++;\n"
    name, events, cut, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        bug = bug_in(scratch, name, old, new)
        for kind, words in (("plain", ()), ("digest", ("--digest",))):
            expect_status(refold("bless", "-a", bug, "-g", os.path.join(scratch, kind), *words, events()), 0, kind)
        use = check_alike(scratch, "refused as before", 0, ["-a", bug, events()])
        expect(use["shards_read"], 0, "shards read")
        check_alike(scratch, "refused no longer", 1, ["-a", aggregate(name), events()])
        check_alike(scratch, "refused, less", 0, ["-a", bug, "--until", cut, events()])
    with Scratch() as scratch:
        both(scratch, "orders")
        check_alike(scratch, "refused now", 1, ["-a", bug_in(scratch, name, old, new), events()])


@sampled
def test_a_build_that_crashes_or_hangs_is_found_as_ever():
    name, events, _, _ = HISTORIES["orders"]
    crash = "    order->items++;\n", "    if (event->version == 11)\n        __builtin_trap();\n    order->items++;\n"
    with Scratch() as scratch:
        both(scratch, "orders")
        ids = os.path.join(scratch, "ids")
        write_bytes(ids, b"".join(json.loads(line)["id"].encode() + b"\n"
                                  for line in plain_lines(os.path.join(scratch, "plain"), name)[:40]))
        use = check_alike(scratch, "crashed", 1, ["-a", bug_in(scratch, name, *crash), "--ids", ids, events()], ("2",))
        assert 0 < use["shards_read"] <= 40


@slow
def test_skipped_events_are_beyond_as_ever():
    name, events, cut, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        config = os.path.join(scratch, "refold.json")
        write_bytes(config, json.dumps({"aggregates": {name: {"skip": [
            {"type": t, "reason": "a test"} for t in ("OrderPaid", "OrderDelivered")]}}}).encode())
        for arguments in ((), ("--until", cut)):
            shutil.rmtree(os.path.join(scratch, "plain"), ignore_errors=True)
            shutil.rmtree(os.path.join(scratch, "digest"), ignore_errors=True)
            both(scratch, "orders", "-C", config, *arguments)
            words = ["-C", config, "-a", aggregate(name), events()]
            use = check_alike(scratch, "skipped %s" % (arguments,), 0, words)
            expect(use["shards_read"] > 0, arguments != (), "shards read")
            plain = run_json("-g", os.path.join(scratch, "plain"), *words).report
            assert plain["history"]["beyond"] > 0 and plain["history"]["skipped"] > 0


@slow
def test_a_history_on_disk_is_judged_as_in_memory():
    """Shards are folded twice: what was on disk comes back twice."""
    name, events, cut, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        both(scratch, "orders", "--until", cut)
        bug = bug_in(scratch, name, *BUGS["orders"])
        whole = what_was_found(run_json("-g", os.path.join(scratch, "digest"), "-a", bug, events()))
        for jobs in part_of(("8", "1"), 2):
            result = run_json("--memory", "1", "-j", jobs, "-g", os.path.join(scratch, "digest"), "-a", bug, events())
            expect_status(result, 1, "--memory 1")
            expect(what_was_found(result), whole, "--memory 1, -j " + jobs)
        again = os.path.join(scratch, "again")
        expect_status(refold("bless", "--memory", "1", "--digest", "--until", cut, "-g", again, "-a", aggregate(name),
                             events()), 0, "bless")
        expect(read_bytes(os.path.join(again, name + ".digest.json")),
               read_bytes(os.path.join(scratch, "digest", name + ".digest.json")), "manifest")


@slow
def test_goldens_of_both_kinds_stand_side_by_side():
    """Instances of a plain golden are judged once, also where their shard is folded for another's sake."""
    orders_of, files_of = HISTORIES["orders"][1](), HISTORIES["git-zlib-ng"][1]()
    words = ["-a", aggregate("file"), "-a", aggregate("order"), orders_of, files_of]
    for digest, bugs in (("file", ("file", "order")), ("order", ("order", "file"))):
        with Scratch() as scratch:
            for kind in ("plain", "digest"):
                folder = os.path.join(scratch, kind)
                for name, source in (("file", files_of), ("order", orders_of)):
                    form = ["--digest"] if kind == "digest" and name == digest else []
                    expect_status(refold("bless", "-g", folder, *form, "-a", aggregate(name), source), 0, name)
            use = check_alike(scratch, "both kinds", 0, words)
            expect(use["shards_read"], 0, "shards read")
            for bug in bugs:
                build = bug_in(scratch, bug, *BUGS["git-zlib-ng" if bug == "file" else "orders"])
                other = aggregate("order" if bug == "file" else "file")
                use = check_alike(scratch, "a bug in " + bug, 1, ["-a", build, "-a", other, orders_of, files_of])
                expect(use["shards_read"] > 0, bug == digest, "shards read")
                os.remove(build)


# ---- a selection of ids ----------------------------------------------------------------------------


@slow
def test_ids_cost_their_shards_alone():
    for history, (name, events, _, _) in HISTORIES.items():
        with Scratch() as scratch:
            both(scratch, history)
            golden = golden_names(scratch)[0]
            ids = sorted(Digests(os.path.join(scratch, "digest"), golden).all())
            words = ["-a", aggregate(name), "--id", ids[7], "--id", ids[-3], events()]
            use = check_alike(scratch, history, 0, words)
            assert 1 <= use["shards_read"] <= 2 * len(golden_names(scratch))
            plain = run_json("-g", os.path.join(scratch, "plain"), "-a", aggregate(name), "--id", "nobody", events())
            check_alike(scratch, history + ", an id that is not there", plain.status,
                        ["-a", aggregate(name), "--id", "nobody", events()])


# ---- other lines -----------------------------------------------------------------------------------


def edit(scratch, name, change):
    """Edits the lines of both goldens: change(id, line) is the new line, or None for none."""
    folder = os.path.join(scratch, "plain")
    lines = [change(json.loads(line)["id"], line) for line in plain_lines(folder, name)]
    lines = sorted((line for line in lines if line is not None),
                   key=lambda line: json.loads(line)["id"].encode("utf-8"))
    write_bytes(os.path.join(folder, name + ".ndjson"), b"".join(lines))
    os.remove(os.path.join(folder, name + ".meta.json"))
    digests = Digests(os.path.join(scratch, "digest"), name)
    shards = {}
    for identity, (number, line) in digests.all().items():
        new = change(identity, line)
        if new != line:
            shards.setdefault(number, {})[line] = new
    for number, news in shards.items():
        lines = [news.get(line, line) for line in digests.read(number)]
        digests.replace(number, [line for line in lines if line is not None])
    digests.write()
    return len(shards)


def changes_of(old):
    value = json.loads(old)

    def line(**members):
        return (json.dumps(dict(value, **members), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                + "\n").encode("utf-8")
    return {
        "state": (1, line(state=dict(value["state"], planted=True))),
        "version below": (1, line(version=value["version"] - 1)),
        "version above": (3, line(version=value["version"] + 1)),
        "events": (1, line(events="0123456789abcdef")),
        "gone": (0, None),
        "refused": (1, line(rejected={"message": "no", "type": "X", "version": value["version"]})),
    }


@slow
def test_one_line_that_differs_costs_one_shard():
    def check(history):
        name, events, _, _ = HISTORIES[history]
        with Scratch() as scratch:
            both(os.path.join(scratch, "kept"), history)
            plain = os.path.join(scratch, "kept", "plain")
            golden = max(golden_names(os.path.join(scratch, "kept")), key=lambda n: len(plain_lines(plain, n)))
            lines = plain_lines(plain, golden)
            old = lines[len(lines) // 2]
            for what, (status, new) in changes_of(old).items():
                for kind in ("plain", "digest"):
                    shutil.rmtree(os.path.join(scratch, kind), ignore_errors=True)
                    shutil.copytree(os.path.join(scratch, "kept", kind), os.path.join(scratch, kind))
                expect(edit(scratch, golden, lambda _, line, o=old, n=new: n if line == o else line), 1, "shards")
                use = check_alike(scratch, "%s, %s" % (history, what), status, ["-a", aggregate(name), events()], ("2",))
                expect(use["shards_read"] == 1 or (new is None and use["lines_read"] == 0), True, "one shard")
                assert use["lines_read"] <= 3 + use["lines"] // 64
    parallel(check, HISTORIES)


@sampled
def test_lines_without_an_instance_are_missing():
    name, events, _, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        both(scratch, "orders")
        gone = set(sorted(Digests(os.path.join(scratch, "digest"), name).all())[10:40])
        part = os.path.join(scratch, "part")
        for path in objects(events()):
            text = gzip.decompress(read_bytes(path))
            kept = b"\n".join(r for r in split_records(text) if json.loads(r)["d"]["ID"] not in gone)
            write_bytes(os.path.join(part, os.path.relpath(path, events())), gzip.compress(kept))
        words = ["-a", aggregate(name), part]
        check_alike(scratch, "missing", 1, words)
        check_alike(scratch, "missing, --as-of the end", 1, ["--as-of", "2030-01-01T00:00:00Z"] + words)
        early = ["--as-of", "2017-03-01T20:00:00Z"]
        check_alike(scratch, "missing, while others are left out", 1, early + words)
        check_alike(scratch, "left out", 0, early + ["-a", aggregate(name), events()])
        uncompared = run_json("-g", os.path.join(scratch, "digest"), *early, *words).report["aggregates"][0]["uncompared"]
        expect(uncompared > 0, True, "whole instances are left out")


def split_records(text):
    decoder, text, at = json.JSONDecoder(), text.decode("utf-8"), 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 1
            continue
        _, end = decoder.raw_decode(text, at)
        yield text[at:end].encode("utf-8")
        at = end


# ---- lines that cannot be had ----------------------------------------------------------------------


def test_lines_that_are_not_there_are_never_the_same():
    name, events, cut, _ = HISTORIES["git-zlib-ng"]
    with Scratch() as scratch:
        both(scratch, "git-zlib-ng", "--until", cut)
        folder = os.path.join(scratch, "digest")
        digests = Digests(folder, name)
        words = ["-g", folder, "-a", aggregate(name), events()]
        whole = run_json(*words).report
        os.rename(digests.lines, digests.lines + "-away")
        reports = [run_json("-j", jobs, *words) for jobs in ("1", "8")]
        for result in reports:
            expect_status(result, 4, "without lines")
            report = result.report
            check_sums(report, "without lines")
            expect((report["verdict"], report["incomplete"]), ("incomplete", True), "verdict")
            use, tally = report["golden_lines"], report["aggregates"][0]
            expect(use["shards_unread"], whole["golden_lines"]["shards_read"], "shards")
            expect(use["lines_read"], 0, "lines read")
            expect(tally["instances"] <= tally["same"] + tally["uncompared"] + tally["unblessed"], True, "each instance is in a class")
            lost = sum(count for i, (_, count) in enumerate(digests.shards()))
            expect(tally["same"] + tally["uncompared"] >= lost, True, "each line too")
            assert tally["uncompared"] > 100 and digests.lines in report["error"]
        check_schema("report.schema.json", {"unread": reports[0].report, "read": whole})
        first, second = (what_was_found(r) for r in reports)
        expect(first, second, "by jobs")
        os.rename(digests.lines + "-away", digests.lines)
        read = [n for n in range(SHARDS) if digests.shards()[n][1]]
        for number in read[::2]:
            os.remove(digests.file(number))
        report = run_json(*words).report
        expect(report["exit"], 4, "some are there")
        expect(report["golden_lines"]["shards_read"] + report["golden_lines"]["shards_unread"],
               whole["golden_lines"]["shards_read"], "read and unread")


def test_a_damaged_line_file_is_damage():
    name, events, _, _ = HISTORIES["git-zlib-ng"]
    with Scratch() as scratch:
        both(scratch, "git-zlib-ng")
        folder = os.path.join(scratch, "digest")
        digests = Digests(folder, name)
        number = next(n for n in range(SHARDS) if digests.shards()[n][1] == 3)
        path = digests.file(number)
        whole = read_bytes(path)
        lines = digests.read(number)
        bug = bug_in(scratch, name, *BUGS["git-zlib-ng"])
        words = ["-g", folder, "-a", aggregate(name), "--id", json.loads(lines[1])["id"], events()]
        expect_status(run_json(*words), 0, "whole")
        damages = {
            "a flipped bit": bytes([*whole[:40], whole[40] ^ 1, *whole[41:]]),
            "cut": whole[:-9],
            "empty": b"",
            "other lines": gzip.compress(b"".join(lines[1:])),
            "more lines": gzip.compress(b"".join(lines) + lines[0]),
            "no gzip": b"".join(lines),
            "another shard": read_bytes(digests.file(next(n for n in range(SHARDS) if n != number and
                                                          digests.shards()[n][1] == 3))),
        }
        for what, data in damages.items():
            write_bytes(path, data)
            result = run_json(*words)
            expect_status(result, 3, what)
            damage = result.report["damage"]
            expect([(d["kind"], d["object"]) for d in damage], [("golden", path)], what)
            expect(result.report["aggregates"][0]["same"], 0, what + ": same")
        # Where the digests agree it is not looked at: the manifest is what was accepted.
        expect_status(run_json("-g", folder, "-a", aggregate(name), events()), 0, "nothing differs")
        result = run_json("-g", folder, "-a", bug, events())
        expect_status(result, 3, "with a bug")
        expect_status(refold("bless", "-g", folder, "-a", aggregate(name), events()), 0, "bless")
        expect(read_bytes(path), whole, "bless mends it")


@sampled
def test_a_manifest_that_is_not_as_written_is_damage():
    name, events, _, _ = HISTORIES["git-zlib-ng"]
    with Scratch() as scratch:
        both(scratch, "git-zlib-ng")
        folder = os.path.join(scratch, "digest")
        digests = Digests(folder, name)
        whole = read_bytes(digests.path)
        foreign = Digests(folder, name)
        foreign.meta["aggregate"] = "other"
        foreign.write()
        texts = {"another's": read_bytes(digests.path)}
        at = whole.index(b'["') + 5
        texts["a digit"] = whole[:at] + (b"0" if whole[at:at + 1] != b"0" else b"1") + whole[at + 1:]
        texts["CR LF"] = whole.replace(b"\n", b"\r\n")
        texts["cut"] = whole[:-1]
        texts["half"] = whole[:len(whole) // 2]
        texts["empty"] = b""
        texts["markers"] = whole.replace(b"\n", b"\n<<<<<<< HEAD\n", 1)
        texts["newer"] = whole.replace(b'"format":1', b'"format":2')
        texts["a count"] = whole.replace(b'"lines":', b'"lines":1')
        texts["blanks"] = whole + b"\n"
        for what, text in part_of(texts.items(), 3):
            write_bytes(digests.path, text)
            result = run_json("-g", folder, "-a", aggregate(name), events())
            expect_status(result, 3, what)
            expect([(d["kind"], d["object"]) for d in result.report["damage"]], [("golden", digests.path)], what)
            expect(result.report["aggregates"][0]["same"], 0, what)
        result = refold("bless", "-g", folder, "-a", aggregate(name), events())
        expect_status(result, 0, "bless")
        expect(read_bytes(digests.path), whole, "bless mends it")


def test_a_manifest_that_somebody_sealed_himself_is_found_out():
    """Its digests are right, and its lines lie where no bless would put them, or are counted wrongly."""
    name, events, _, _ = HISTORIES["git-zlib-ng"]

    def move_a_line(digests):
        few = [n for n in range(SHARDS) if digests.shards()[n][1] == 2]
        one, other = digests.read(few[0]), digests.read(few[1])
        digests.replace(few[0], one[1:])
        digests.replace(few[1], sorted(other + one[:1], key=lambda line: json.loads(line)["id"].encode("utf-8")))
        return json.loads(one[0])["id"]

    def swap_counts(digests):
        one, two = (next(n for n in range(SHARDS) if digests.shards()[n][1] == count) for count in (1, 2))
        digests.shards()[one][1], digests.shards()[two][1] = 2, 1

    def refuse_one(digests):
        digests.meta["rejected"] += 1

    def forget_an_event(digests):
        digests.meta["history"] = "0" * 32

    with Scratch() as scratch:
        both(scratch, "git-zlib-ng")
        folder = os.path.join(scratch, "digest")
        expect_status(refold("golden", "verify", folder), 0, "as it was blessed")
        whole = read_bytes(Digests(folder, name).path)
        for edit, words in ((move_a_line, "holds lines of another shard"), (swap_counts, "not as many lines as the manifest"),
                            (refuse_one, "not that of"), (forget_an_event, "not that of")):
            digests = Digests(folder, name)
            moved = edit(digests)  # or none
            digests.write()
            result = refold("golden", "verify", folder)
            expect_status(result, 3, edit.__name__)
            assert words in result.stdout.decode(), (edit.__name__, result.stdout)
            if moved:
                run = run_json("-g", folder, "-a", aggregate(name), events())
                assert run.status in (1, 3), (edit.__name__, run.status)
                assert moved in run.stdout.decode("utf-8", "replace"), "what was moved is named"
            write_bytes(digests.path, whole)


# ---- where the lines lie ---------------------------------------------------------------------------


@slow
def test_lines_may_lie_in_another_folder_or_an_archive():
    name, events, cut, _ = HISTORIES["git-zlib-ng"]
    with Scratch() as scratch:
        both(scratch, "git-zlib-ng", "--until", cut)
        folder = os.path.join(scratch, "digest")
        words = ["-a", aggregate(name), events()]
        wanted = what_was_found(run_json("-g", folder, *words))
        lines = os.path.join(folder, ".lines")
        places = {"folder": os.path.join(scratch, "elsewhere"), "tar": os.path.join(scratch, "l.tar"),
                  "deep": os.path.join(scratch, "deep.tar"), "tgz": os.path.join(scratch, "l.tar.gz"),
                  "zip": os.path.join(scratch, "l.zip")}
        for place, mode, front in (("tar", "w", "."), ("deep", "w", "a/b"), ("tgz", "w:gz", "")):
            with tarfile.open(places[place], mode) as archive:
                archive.add(lines, front)
        shutil.make_archive(places["zip"][:-4], "zip", lines)
        os.rename(lines, places["folder"])
        for place, path in places.items():
            result = run_json("-g", folder, "--lines", path, *words)
            expect_status(result, 0, place)
            expect(what_was_found(result), wanted, place)
        expect_status(run_json("-g", folder, *words), 4, "not told where")
        expect_status(run_json("-g", folder, *words, env={"REFOLD_LINES": places["tar"]}), 0, "by the environment")


# ---- blessing a part -------------------------------------------------------------------------------


@slow
def test_a_bless_of_a_part_keeps_the_rest_as_a_plain_one_does():
    for history, (name, events, cut, earlier) in HISTORIES.items():
        with Scratch() as scratch:
            both(scratch, history, "--until", cut)
            golden = golden_names(scratch)[0]
            ids = sorted(Digests(os.path.join(scratch, "digest"), golden).all())
            for words in (["--id", ids[3], "--id", ids[11]], ["--until", earlier], []):
                reports = []
                for kind in ("plain", "digest"):
                    result = refold("bless", "-r", "json", "-a", aggregate(name), "-g", os.path.join(scratch, kind),
                                    *words, events())
                    expect_status(result, 0, "%s %s %s" % (history, kind, words))
                    reports.append(result.report["blessed"])
                expect(reports[0], reports[1], "%s %s" % (history, words))
                for golden in golden_names(scratch):
                    digests = Digests(os.path.join(scratch, "digest"), golden)
                    expect(sorted(line for _, line in digests.all().values()),
                           sorted(plain_lines(os.path.join(scratch, "plain"), golden)), "lines")
                    meta = json.loads(read_bytes(os.path.join(scratch, "plain", golden + ".meta.json")))
                    for member in ("history", "lines", "rejected", "selection"):
                        expect(digests.meta.get(member), meta.get(member), "%s %s: %s" % (history, words, member))


@slow
def test_a_dry_run_tells_the_same():
    name, events, cut, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        both(scratch, "orders", "--until", cut)
        reports = []
        before = {p: read_bytes(p) for p in objects(os.path.join(scratch, "digest"))}
        for kind in ("plain", "digest"):
            result = refold("bless", "--dry-run", "-r", "json", "-a", aggregate(name), "-g", os.path.join(scratch, kind),
                            events())
            expect_status(result, 0, kind)
            reports.append(what_was_found(result))
        expect(reports[0], reports[1], "dry run")
        expect({p: read_bytes(p) for p in objects(os.path.join(scratch, "digest"))}, before, "files")


# ---- what is read ----------------------------------------------------------------------------------


@sampled
def test_one_changed_instance_reads_one_file_of_lines():
    """All other files of lines are gone, and no one misses them."""
    name, events, _, _ = HISTORIES["orders"]
    with Scratch() as scratch:
        both(scratch, "orders")
        lines = plain_lines(os.path.join(scratch, "plain"), name)
        edit(scratch, name, lambda _, line: changes_of(line)["state"][1] if line == lines[99] else line)
        digests = Digests(os.path.join(scratch, "digest"), name)
        needed = digests.file(digests.all()[json.loads(lines[99])["id"]][0])
        for path in objects(digests.lines):
            if path != needed:
                os.remove(path)
        use = check_alike(scratch, "one file", 1, ["-a", aggregate(name), events()])
        expect((use["shards"], use["shards_read"], use["shards_unread"]), (SHARDS, 1, 0), "shards")
        expect(use["bytes_read"], os.path.getsize(needed), "bytes read")


# ---- ended early -----------------------------------------------------------------------------------


def blessing_that_hangs(scratch, how):
    """Sends a signal to a bless whose lines are written but for one shard; returns its status."""
    events = b"".join(b'{"t":"Added","d":{"ID":"i%d","Version":1,"At":"2026-07-01T00:00:01Z"}}\n' % i for i in range(300))
    hang = b"".join(b'{"t":"Added","d":{"ID":"hang-1","Version":%d,"At":"2026-07-01T00:00:01Z"}}\n' % v for v in (1, 2))
    write_bytes(os.path.join(scratch, "calm", "events.json"), events)
    write_bytes(os.path.join(scratch, "h", "events.json"), events + hang)
    env = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("REFOLD_")}
    bless = subprocess.Popen([os.path.join(BUILD, "refold"), "bless", "-q", "-j", "2", "--digest", "--timeout", "60", "-g",
                              os.path.join(scratch, "golden"), "-a", plugin("crasher"), os.path.join(scratch, "h")],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    deadline = time.monotonic() + 60
    while len(left_over(scratch)) < 20 and time.monotonic() < deadline and bless.poll() is None:
        time.sleep(0.01)
    assert len(left_over(scratch)) >= 20, "no lines were written while it hung"
    bless.send_signal(how)
    return bless.wait()


def left_over(scratch):
    folder = os.path.join(scratch, "golden", ".lines")
    return [p for p in objects(folder) if p.endswith(".tmp")] if os.path.exists(folder) else []


def test_a_bless_that_is_interrupted_leaves_nothing():
    with Scratch() as scratch:
        for how in (signal.SIGINT, signal.SIGTERM):
            expect(blessing_that_hangs(scratch, how), -how, "status")
            expect(os.path.exists(os.path.join(scratch, "golden")), False, "a golden folder")


def test_what_a_killed_bless_leaves_goes_with_the_next():
    with Scratch() as scratch:
        expect(blessing_that_hangs(scratch, signal.SIGKILL), -signal.SIGKILL, "status")
        assert len(left_over(scratch)) >= 20
        result = refold("bless", "--digest", "-g", os.path.join(scratch, "golden"), "-a", plugin("crasher"),
                        os.path.join(scratch, "calm"))
        expect_status(result, 0, "bless")
        expect(left_over(scratch), [], "left over")
        expect(len(Digests(os.path.join(scratch, "golden"), name_of_golden(scratch)).all()), 300, "lines")


def name_of_golden(scratch):
    return next(n for n in os.listdir(os.path.join(scratch, "golden")) if n.endswith(".digest.json"))[:-len(".digest.json")]
