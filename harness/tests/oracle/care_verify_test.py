# SPDX-License-Identifier: MIT
"""No golden that was changed passes `refold golden verify`, and none is accused that was not."""

import gzip
import json
import os
import random
import shutil
import zlib

from care import Mixed
from support import ROOT, Scratch, aggregate, all_cases, cases, expect, expect_status, facts_of_files, fault, inflate, \
    merged, objects, parallel, read_bytes, refold, slow, with_package, write_bytes

EVENTS = merged("git-jansson")


def verify(folder, *arguments):
    return refold("golden", "verify", "--json", *arguments, folder)


def same_content(name, old, new):
    """Whether two files say the same: of gzip, what comes out."""
    if name.endswith(".gz"):
        return inflate(new) == inflate(old)
    return old == new


def blessed_forms(scratch):
    """Goldens of all forms in one folder, with pending events."""
    folder = os.path.join(scratch, "golden")
    shutil.copytree(Mixed(os.path.join(scratch, "mixed")).after, folder)
    closed = os.path.join(scratch, "closed", "2026", "07", "01", "00")
    text = "".join('{"t":"%s","d":{"ID":"%s","Version":%d,"At":"2026-07-01T00:00:0%dZ"}}\n' % (t, i, v, v) for i, v, t in
                   (("a", 1, "OrderCreated"), ("b", 1, "OrderCreated"), ("b", 3, "OrderApproved"), ("b", 4, "OrderPaid")))
    write_bytes(os.path.join(closed, "one"), text.encode())
    aside = os.path.join(scratch, "aside")
    expect_status(refold("bless", "-q", "-a", aggregate("order"), "-g", aside, "--until", "2026-07-01T01",
                         os.path.join(scratch, "closed")), 0, "close")
    shutil.copytree(aside, folder, dirs_exist_ok=True)
    assert os.path.exists(os.path.join(folder, "order.pending.ndjson"))
    expect_status(refold("golden", "prune", "--old-lines", "-g", folder), 0, "lines of the bless before")
    result = verify(folder)
    expect_status(result, 0, "as blessed")
    expect(result.report["findings"], [], "findings")
    return folder


def check_changes(count, seed):
    with Scratch() as scratch:
        folder = blessed_forms(scratch)
        files = [os.path.relpath(p, folder) for p in objects(folder) if not p.endswith(".gitignore")]
        whole = {name: read_bytes(os.path.join(folder, name)) for name in files}

        def change(number):
            mine = random.Random(seed * 1000003 + number)
            name = mine.choice(files)
            data = bytearray(whole[name])
            kind = mine.choice(("flip", "flip", "flip", "cut", "remove a line", "repeat a line", "insert", "swap"))
            lines = bytes(data).splitlines(keepends=True)
            at = mine.randrange(len(lines))
            if kind == "flip":
                bit = mine.randrange(len(data) * 8)
                data[bit // 8] ^= 1 << bit % 8
            elif kind == "cut":
                del data[mine.randrange(len(data)):]
            elif kind == "remove a line":
                data = b"".join(lines[:at] + lines[at + 1:])
            elif kind == "repeat a line":
                data = b"".join(lines[:at] + [lines[at]] + lines[at:])
            elif kind == "insert":
                data[mine.randrange(len(data)):0] = bytes([mine.randrange(256)])
            else:
                mine.shuffle(lines)
                data = b"".join(lines)
            return name, kind, bytes(data)

        def check(number):
            name, kind, data = change(number)
            copy = os.path.join(scratch, "copy-%d" % number)
            shutil.copytree(folder, copy)
            write_bytes(os.path.join(copy, name), data)
            result = verify(copy)
            what = "%d: %s, %s" % (number, name, kind)
            shutil.rmtree(copy)
            if same_content(name, whole[name], data):
                expect_status(result, 0, what)
                return "same"
            assert result.status in (1, 3), "%s: exit %d\n%s" % (what, result.status, result.stdout.decode())
            named = {os.path.relpath(f["file"], copy) for f in result.report["findings"] if f["weight"] != "note"}
            # What does not fit together is told of one of the two.
            assert any(n.split(".")[0] == name.split(".")[0] or name in n or n in name for n in named), (what, named)
            return "warning" if result.status == 1 else "damage"

        ends = parallel(check, range(count))
        print("     %d changes: %s" % (count, {end: ends.count(end) for end in sorted(set(ends))}))
        assert ends.count("damage") > count // 3
        cases(14, count)


@fault(14)
def test_no_change_of_any_file_passes():
    check_changes(2000 if all_cases() else 60, 1)


@slow
def test_none_of_2000_changes_passes():
    check_changes(2000, 2)


@fault(14)
def test_each_line_is_named_by_its_number():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        expect_status(refold("bless", "-q", "-a", aggregate("file"), "-g", folder, EVENTS), 0, "bless")
        path = os.path.join(folder, "file.ndjson")
        lines = read_bytes(path).splitlines(keepends=True)
        at = len(lines) // 2
        for what, changed, number in (
                ("merge marker", lines[:at] + [b"=======\n"] + lines[at:], at + 1),
                ("CR LF", lines[:at] + [lines[at][:-1] + b"\r\n"] + lines[at + 1:], at + 1),
                ("order", lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:], at + 2),
                ("twice", lines[:at] + [lines[at], lines[at]] + lines[at + 1:], at + 2),
                ("cut", lines[:at] + [lines[at][:10]], at + 1),
                ("junk", lines[:at] + [b"\x00\xff\n"] + lines[at:], at + 1)):
            write_bytes(path, b"".join(changed))
            result = verify(folder)
            expect_status(result, 3, what)
            found = [(os.path.basename(f["file"]), f.get("line")) for f in result.report["findings"]]
            expect(found[0], ("file.ndjson", number), what)
            assert all(f["repair"] for f in result.report["findings"]), what
            cases(14, 1)


def test_its_json_fits_the_schema_whatever_the_names_are():
    with Scratch() as scratch:
        folder = blessed_forms(scratch)
        hostile = b"\x1b[31m\xff<script>\n$(x)"
        for ending in (b".ndjson", b".pending.ndjson", b".txt", b".reviews.jsonl"):
            with open(os.path.join(os.fsencode(folder), hostile + ending), "wb") as f:
                f.write(b'{"id":"\\u001b[2J","version":1,"state":{}}\n{"id":"a')
        data = []
        for name in (folder, os.path.join(scratch, "none")):
            result = verify(name)
            assert result.status in (2, 3), result.status
            data.append(result.report)
            assert b"\x1b" not in result.stdout and b"\xff" not in result.stdout
            text = refold("golden", "verify", "-v", name)
            assert b"\x1b" not in text.stdout and b"\xff" not in text.stdout, "the text has raw bytes"
        with open(os.path.join(ROOT, "reports", "schema", "verify.schema.json"), encoding="utf-8") as f:
            schema = json.load(f)
        code = "import json, jsonschema, sys\nschema, data = json.load(sys.stdin)\n" \
               "jsonschema.Draft202012Validator.check_schema(schema)\n" \
               "for d in data: jsonschema.Draft202012Validator(schema).validate(d)\nprint('fits')"
        expect(with_package("jsonschema", code, json.dumps([schema, data]).encode()), b"fits\n", "schema")


def test_nothing_is_written():
    with Scratch() as scratch:
        folder = blessed_forms(scratch)
        before = facts_of_files(folder)
        expect_status(verify(folder), 0, "verify")
        os.remove(os.path.join(folder, "plain.meta.json"))
        expect_status(verify(folder), 1, "verify")
        del before["plain.meta.json"]
        expect(facts_of_files(folder), before, "files")


# ---- goldens that are not there ----------------------------------------------------------------------


@fault(15)
def test_a_golden_that_is_not_there_is_never_0_and_never_made():
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        case = ("-e", "flat", "-a", aggregate("case"))
        empty = os.path.join(scratch, "empty")
        os.mkdir(empty)
        for what, folder in (("no folder", os.path.join(scratch, "none")), ("an empty one", empty),
                             ("a file", os.path.join(mixed.before, "plain.ndjson"))):
            before = os.path.exists(folder)
            result = refold("run", *case, "-g", folder, mixed.old_history)
            expect_status(result, 2, what)
            advice = "give the folder that goldens lie in" if what == "a file" else "refold bless"
            assert advice in result.stderr, result.stderr
            expect(os.path.exists(folder), before, what + ": is there")
            expect_status(verify(folder), 2, what + ", verify")
            cases(15, 2)
        expect(os.listdir(empty), [], "the empty folder")
        for name in ("plain", "packed", "digested"):
            folder = mixed.fresh("without-" + name)
            for entry in os.listdir(folder):
                if entry.startswith(name + "."):
                    os.remove(os.path.join(folder, entry))
            result = refold("run", "-r", "json", *case, "-g", folder, mixed.old_history)
            expect_status(result, 0, "without " + name)
            tally = next(t for t in result.report["aggregates"] if t["name"] == name)
            expect((tally["compared"], tally["unblessed"]), (0, 6), "without " + name)
            expect_status(refold("run", "--require-golden", *case, "-g", folder, mixed.old_history), 1, "required " + name)
            only = os.path.join(scratch, "only-" + name)
            shutil.copytree(os.path.join(mixed.before, ".lines"), os.path.join(only, ".lines"))
            for entry in os.listdir(mixed.before):
                if entry.startswith(name + "."):
                    shutil.copy(os.path.join(mixed.before, entry), only)
            result = refold("run", "-r", "json", "-e", "flat", "-a", aggregate("order"), "-g", only, mixed.old_history)
            expect_status(result, 2, "a golden without its aggregate")
            expect([told.split(" ")[0] for told in result.report["unloaded"]], [name], "unloaded")
            cases(15, 3)


# ---- prune -------------------------------------------------------------------------------------------


def test_prune_removes_what_a_bless_would_remove():
    """Of a golden whose history lost instances: prune's lines are those of a bless, where no other line changes."""
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        text = read_bytes(next(iter(objects(mixed.new_history)))).decode().splitlines(keepends=True)
        rng = random.Random(8)
        for number in range(6):
            gone = {i for i in sorted({json.loads(line)["aggregateId"] for line in text}) if rng.random() < 0.4}
            history = os.path.join(scratch, "h-%d" % number)
            left = [line for line in text if json.loads(line)["aggregateId"] not in gone]
            write_bytes(os.path.join(history, "2026", "07", "01", "00", "one"), "".join(left).encode())
            pruned, blessed = (os.path.join(scratch, "%s-%d" % (n, number)) for n in ("pruned", "blessed"))
            shutil.copytree(mixed.after, pruned)
            shutil.copytree(mixed.after, blessed)
            result = refold("golden", "prune", "-e", "flat", "-g", pruned, history)
            expect_status(result, 0, "prune")
            expect_status(refold("bless", "-q", "-e", "flat", "-a", aggregate("case"), "-g", blessed, history), 0, "bless")
            told = {line.split(" ")[1] for line in result.stdout.decode().splitlines()[:-1]}
            # A golden that no event is left of is left alone: another history may be meant.
            named = {json.loads(line)["aggregateType"] for line in left}
            expect(told, {i for i in gone if i.split("-")[0] in named}, "what is told")
            got, wanted = ({n: d for n, (d, _) in facts_of_files(f).items() if not n.startswith(".lines")}
                           for f in (pruned, blessed))
            expect(sorted(got), sorted(wanted), "files")
            for name in wanted:
                left_alone = all(name.split(".")[0] not in json.loads(line)["aggregateType"] for line in left)
                if not left_alone:
                    expect(content(name, got[name]), content(name, wanted[name]), "%d: %s" % (number, name))
            expect_status(verify(pruned), 0, "verify")


def content(name, data):
    """A bless writes the aggregate's state version too, which prune leaves as it was: here the same."""
    return zlib.decompress(data, 31) if name.endswith(".gz") else data


def test_prune_takes_a_packed_history():
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        pack = os.path.join(scratch, "history.pack")
        expect_status(refold("pack", "-q", "-e", "flat", "-o", pack, mixed.new_history), 0, "pack")
        before = facts_of_files(mixed.after)
        result = refold("golden", "prune", "-e", "flat", "-g", mixed.after, pack)
        expect_status(result, 0, "prune")
        assert b"pruned: 0 lines" in result.stdout, result.stdout
        expect(facts_of_files(mixed.after), before, "files")
        assert gzip.decompress(read_bytes(os.path.join(mixed.after, "packed.ndjson.gz")))
