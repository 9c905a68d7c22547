# SPDX-License-Identifier: MIT
"""Goldens edited by hand, damaged, packed, absent; and what bless leaves alone."""

import gzip
import json
import os
import random
import shutil

from support import (
    aggregate, canonical, cases, check_sums, expect, expect_status, facts_of_files, fault, in_full, inflate, merged,
    objects, parallel, part_of, read_bytes, refold, run_json, sampled, Scratch, total, without_timing, write_bytes)

EVENTS = merged("git-jansson")
FILE = aggregate("file")


def bless(folder, *arguments, **keywords):
    return refold("bless", "-a", FILE, "-g", folder, *arguments, EVENTS, **keywords)


def blessed(folder):
    """A new golden; its lines with their LFs."""
    expect_status(bless(folder), 0, "bless")
    lines = read_bytes(golden_path(folder)).splitlines(keepends=True)
    assert len(lines) > 100 and os.path.exists(os.path.join(folder, "file.meta.json"))
    return lines


def golden_path(folder):
    return os.path.join(folder, "file.ndjson")


def compare(folder, *arguments):
    return run_json("-a", FILE, "-g", folder, *arguments, EVENTS)


def is_sorted(lines):
    ids = [json.loads(line)["id"].encode("utf-8") for line in lines]
    return ids == sorted(ids)


def says_edited(result):
    return any("edited" in w and "file.ndjson" in w for w in result.report["warnings"]) and "edited" in result.stderr


# ---- edited ----------------------------------------------------------------------------------------


def edit_state(line):
    value = json.loads(line)
    value["state"]["mode"] = "100600"
    return (canonical(value) + "\n").encode("utf-8")


def test_an_untouched_golden_is_not_called_edited():
    with Scratch() as scratch:
        lines = blessed(scratch)
        result = compare(scratch)
    expect_status(result, 0, "untouched")
    expect((total(result.report, "same"), result.report["warnings"]), (len(lines), []), "same, warnings")


def test_a_changed_line_is_the_one_difference():
    with Scratch() as scratch:
        lines = blessed(scratch)
        at = len(lines) // 3
        old = json.loads(lines[at])
        lines[at] = edit_state(lines[at])
        write_bytes(golden_path(scratch), b"".join(lines))
        result = compare(scratch)
    expect_status(result, 1, "changed line")
    report = result.report
    expect([(d["id"], d["kind"], d["cause"], d["version"]) for d in report["differences"]],
           [(old["id"], "changed", "code", old["version"])], "differences")
    expect(report["differences"][0]["changes"], [{"op": "replace", "path": "/mode", "value": old["state"]["mode"],
                                                  "old": "100600"}], "changes")
    expect((total(report, "same"), total(report, "changed")), (len(lines) - 1, 1), "same, changed")
    expect(says_edited(result), True, "a warning that it was edited")


def test_whoever_has_lost_his_line_differs():
    """The file may have been cut at a line's end: what the meta file counts is what was accepted."""
    with Scratch() as scratch:
        lines = blessed(scratch)
        for rest in (lines[:2] + lines[3:], lines[:-1], lines[:1]):
            write_bytes(golden_path(scratch), b"".join(rest))
            lost = {json.loads(line)["id"] for line in lines} - {json.loads(line)["id"] for line in rest}
            result = compare(scratch)
            expect_status(result, 1, "%d lines of %d" % (len(rest), len(lines)))
            report = result.report
            expect((total(report, "same"), total(report, "unblessed")), (len(rest), len(lost)), "counts")
            expect({(d["id"], d["kind"]) for d in report["differences"]}, {(i, "unblessed") for i in lost}, "who lacks one")
            expect(says_edited(result), True, "a warning that it was edited")


def test_a_renamed_line_is_missing_and_its_instance_unblessed():
    with Scratch() as scratch:
        lines = blessed(scratch)
        value = json.loads(lines.pop(len(lines) // 2))
        value["id"] = "~renamed"
        lines.append((canonical(value) + "\n").encode("utf-8"))
        lines.sort(key=lambda line: json.loads(line)["id"].encode("utf-8"))
        assert is_sorted(lines)
        write_bytes(golden_path(scratch), b"".join(lines))
        result = compare(scratch)
    expect_status(result, 1, "renamed line")
    report = result.report
    expect([(d["id"], d["kind"]) for d in report["differences"]], [("~renamed", "missing")], "differences")
    expect((total(report, "same"), total(report, "missing"), total(report, "unblessed")), (len(lines) - 1, 1, 1),
           "counts")
    expect(says_edited(result), True, "a warning that it was edited")


def test_edits_together_are_told_apart():
    with Scratch() as scratch:
        lines = blessed(scratch)
        count = len(lines)
        values = [json.loads(line) for line in lines]
        changed = [10, count // 2, count - 2]
        for at in changed:
            lines[at] = edit_state(lines[at])
        renamed = dict(values[20], id=values[20]["id"] + "-renamed")
        lines[20] = (canonical(renamed) + "\n").encode("utf-8")
        versions = dict(values[30], version=values[30]["version"] + 1)
        lines[30] = (canonical(versions) + "\n").encode("utf-8")
        del lines[40]
        lines.sort(key=lambda line: json.loads(line)["id"].encode("utf-8"))
        write_bytes(golden_path(scratch), b"".join(lines))
        result = compare(scratch)
    # Version + 1: the history ends before the golden's version, which is damage.
    expect_status(result, 3, "edits")
    report = result.report
    check_sums(report, "edits")
    wanted = [(values[at]["id"], "changed") for at in changed] + [(renamed["id"], "missing")]
    wanted += [(values[at]["id"], "unblessed") for at in (20, 40)]  # a line fewer: whoever lacks one differs
    expect(sorted((d["id"], d["kind"]) for d in report["differences"]), sorted(wanted), "differences")
    expect([(d["kind"], d["id"]) for d in report["damage"]], [("cut-short", versions["id"])], "damage")
    expect((total(report, "same"), total(report, "changed"), total(report, "missing"), total(report, "unblessed"),
            total(report, "cut_short")), (count - 6, 3, 1, 2, 1), "counts")


# ---- damaged ---------------------------------------------------------------------------------------


def damaged_forms(lines):
    """name -> (bytes, number of the line that is to be named)"""
    rng = random.Random(7)
    whole = b"".join(lines)
    forms = {}
    ends = set()
    end = 0
    for line in lines:
        end += len(line)
        ends.add(end)
    cuts = part_of([n for n in rng.sample(range(1, len(whole)), 40) if n not in ends], 5)
    for cut in cuts:
        forms["cut at byte %d" % cut] = (whole[:cut], whole[:cut].count(b"\n") + 1)
    forms["no last LF"] = (whole[:-1], len(lines))
    at = len(lines) // 2

    def with_lines(name, changed, number):
        forms[name] = (b"".join(changed), number)

    with_lines("merge markers", lines[:at] + [b"<<<<<<< HEAD\n", lines[at], b"=======\n", edit_state(lines[at]),
                                              b">>>>>>> other\n"] + lines[at + 1:], at + 1)
    with_lines("one marker", lines[:at] + [b"=======\n"] + lines[at:], at + 1)
    with_lines("CRLF everywhere", [line[:-1] + b"\r\n" for line in lines], 1)
    with_lines("one CRLF", lines[:at] + [lines[at][:-1] + b"\r\n"] + lines[at + 1:], at + 1)
    with_lines("swapped lines", lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:], at + 2)
    with_lines("duplicate line", lines[:at] + [lines[at], lines[at]] + lines[at + 1:], at + 2)
    with_lines("same id twice", lines[:at] + [lines[at], edit_state(lines[at])] + lines[at + 1:], at + 2)
    with_lines("junk", lines[:at] + [b"junk\n"] + lines[at:], at + 1)
    with_lines("empty line", lines[:at] + [b"\n"] + lines[at:], at + 1)
    with_lines("NUL bytes", lines[:at] + [b"\0" * 100 + b"\n"] + lines[at:], at + 1)
    with_lines("byte order mark", [b"\xef\xbb\xbf" + lines[0]] + lines[1:], 1)
    with_lines("no UTF-8", lines[:at] + [lines[at].replace(b'"id":"', b'"id":"\xff', 1)] + lines[at + 1:], at + 1)
    with_lines("two objects", lines[:at] + [lines[at][:-1] + lines[at + 1]] + lines[at + 2:], at + 1)
    with_lines("no id", lines[:at] + [b'{"state":{},"version":1}\n'] + lines[at + 1:], at + 1)
    with_lines("no version", lines[:at] + [b'{"id":"x","state":{}}\n'] + lines[at + 1:], at + 1)
    with_lines("an array", lines[:at] + [b"[]\n"] + lines[at + 1:], at + 1)
    return forms


@sampled
@fault(14)
def test_golden_damage_names_file_and_line():
    with Scratch() as scratch:
        lines = blessed(os.path.join(scratch, "whole"))
        forms = damaged_forms(lines)

        def check(name):
            data, number = forms[name]
            folder = os.path.join(scratch, name.replace(" ", "-"))
            shutil.copytree(os.path.join(scratch, "whole"), folder)
            write_bytes(golden_path(folder), data)
            result = compare(folder)
            expect_status(result, 3, name)
            report = result.report
            expect((report["verdict"], report["damaged"]), ("damaged", True), name)
            found = [(d["kind"], os.path.basename(d["object"]), d.get("offset")) for d in report["damage"]]
            expect({(kind, base) for kind, base, _ in found}, {("golden", "file.ndjson")}, name)
            expect(found[0][2], number, name + ": line")
            expect(all(d["message"] for d in report["damage"]), True, name + ": messages")
            text = refold("run", "-a", FILE, "-g", folder, EVENTS)
            expect_status(text, 3, name + ", text")
            expect(b"file.ndjson" in text.stdout + text.stderr.encode(), True, name + ": the text names the file")

        parallel(check, forms)
        assert len(forms) > (50 if in_full() else 20)
        cases(14, len(forms))


def test_an_empty_golden_file_compares_nothing():
    with Scratch() as scratch:
        blessed(scratch)
        write_bytes(golden_path(scratch), b"")
        result = compare(scratch)
    assert result.status in (2, 3), result.status


# ---- packed ----------------------------------------------------------------------------------------


@sampled
def test_a_packed_golden_works_and_its_damage_is_found():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "whole")
        lines = blessed(folder)
        whole = b"".join(lines)
        os.remove(golden_path(folder))
        packed = gzip.compress(whole[:5000], mtime=0) + gzip.compress(whole[5000:], mtime=0)
        write_bytes(golden_path(folder) + ".gz", packed)
        result = compare(folder)
        expect_status(result, 0, "packed golden")
        expect((total(result.report, "same"), result.report["warnings"]), (len(lines), []), "packed golden")

        rng = random.Random(11)
        flips = [(at, bit) for at in range(12) for bit in range(8)]
        flips += [(rng.randrange(len(packed)), rng.randrange(8)) for _ in range(80)]
        flips += [(len(packed) - 1 - at, at % 8) for at in range(8)]
        flips = part_of(flips, 5)

        def check(number):
            at, bit = flips[number]
            data = bytearray(packed)
            data[at] ^= 1 << bit
            there = os.path.join(scratch, "flip-%d" % number)
            shutil.copytree(folder, there)
            write_bytes(golden_path(there) + ".gz", bytes(data))
            flipped = compare(there, "-j", "1")
            shutil.rmtree(there)
            wanted = 0 if inflate(bytes(data)) == whole else 3
            expect_status(flipped, wanted, "bit %d of byte %d flipped" % (bit, at))
            if wanted == 3:
                report = flipped.report
                expect({(d["kind"], os.path.basename(d["object"])) for d in report["damage"]},
                       {("golden", "file.ndjson.gz")}, "bit %d of byte %d" % (bit, at))
            return wanted

        harmless = parallel(check, range(len(flips))).count(0)
        assert 0 < harmless < 120, harmless  # times and the like in the header


# ---- none ------------------------------------------------------------------------------------------


@fault(15)
def test_without_a_golden_nothing_is_compared_or_written():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        result = refold("run", "-a", FILE, "-g", folder, EVENTS, cwd=scratch)
        expect_status(result, 2, "no golden folder")
        expect(os.listdir(scratch), [], "files")
        expect(folder in result.stderr or "golden" in result.stderr, True, result.stderr)
        os.mkdir(folder)
        expect_status(refold("run", "-a", FILE, "-g", folder, EVENTS, cwd=scratch), 2, "empty golden folder")
        expect(os.listdir(folder), [], "files")
        expect_status(refold("run", "-a", FILE, "-g", folder, "--no-compare", EVENTS, cwd=scratch), 0, "--no-compare")
        cases(15, 3)


# ---- bless -----------------------------------------------------------------------------------------


def test_bless_over_damage_writes_nothing():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        lines = blessed(folder)
        write_bytes(golden_path(folder), edit_state(lines[0]) + b"".join(lines[1:]))
        before = facts_of_files(folder)
        broken = os.path.join(scratch, "events")
        shutil.copytree(EVENTS, broken)
        victim = objects(broken)[20]
        write_bytes(victim, read_bytes(victim)[:-1])  # all of its members but the last are whole
        result = refold("bless", "-r", "json", "-a", FILE, "-g", folder, broken)
        expect_status(result, 3, "bless over damage")
        expect({d["object"] for d in result.report["damage"] if d["kind"] in ("truncated", "unreadable")},
               {os.path.relpath(victim, broken)}, "damage")
        expect(facts_of_files(folder), before, "golden")
        os.remove(victim)  # a gap now
        expect_status(refold("bless", "-a", FILE, "-g", folder, broken), 3, "bless over a gap")
        expect(facts_of_files(folder), before, "golden")
        # Where nothing is wrong it is written: the check above can fail.
        expect_status(bless(folder), 0, "bless")
        expect(read_bytes(golden_path(folder)), b"".join(lines), "golden")


def test_ci_does_not_bless():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        expect_status(bless(folder, env={"CI": "1"}), 2, "bless in CI")
        expect(os.path.exists(folder), False, "the folder")
        blessed(folder)
        write_bytes(golden_path(folder), b"")
        before = facts_of_files(folder)
        expect_status(bless(folder, env={"CI": "true"}), 2, "bless in CI")
        expect(facts_of_files(folder), before, "golden")
        expect_status(bless(folder, "--ci", env={"CI": "true"}), 0, "bless --ci")
        assert os.path.getsize(golden_path(folder)) > 0


def test_blessing_twice_gives_the_same_bytes():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        lines = blessed(folder)
        first = {k: v for k, (v, _) in facts_of_files(folder).items()}
        again = [bless(folder, "-r", "json", "-j", str(jobs)) for jobs in (1, 4)]
        for result in again:
            expect_status(result, 0, "bless again")
        expect({k: v for k, (v, _) in facts_of_files(folder).items()}, first, "bytes")
        expect(without_timing(again[0].report), without_timing(again[1].report), "reports")
        expect(again[0].report["blessed"]["unchanged"], len(lines), "unchanged")
        other = os.path.join(scratch, "other")
        expect_status(bless(other, "-j", "3"), 0, "bless elsewhere")
        expect({k: v for k, (v, _) in facts_of_files(other).items()}, first, "bytes elsewhere")
        text = b"".join(first.values())
        expect(scratch.encode() in text or EVENTS.encode() in text, False, "no path of this machine")


def test_bless_with_an_id_replaces_that_line_alone():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        lines = blessed(folder)
        edited = list(lines)
        for at in (5, 6, 7):
            edited[at] = edit_state(edited[at])
        write_bytes(golden_path(folder), b"".join(edited))
        expect_status(bless(folder, "--id", json.loads(lines[6])["id"]), 0, "bless --id")
        edited[6] = lines[6]
        expect(read_bytes(golden_path(folder)), b"".join(edited), "golden")
        result = compare(folder)
        expect_status(result, 1, "run")
        expect([d["id"] for d in result.report["differences"]], [json.loads(lines[at])["id"] for at in (5, 7)], "ids")


def test_bless_drops_lines_whose_instance_is_gone():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        lines = blessed(folder)
        gone = b'{"id":"~gone","state":{"changes":1},"version":1}\n'
        write_bytes(golden_path(folder), b"".join(lines) + gone)
        expect_status(bless(folder, "--id", json.loads(lines[6])["id"]), 0, "bless --id")
        expect(read_bytes(golden_path(folder)), b"".join(lines) + gone, "kept with a selection")
        result = bless(folder, "-r", "json")
        expect_status(result, 0, "bless")
        expect((result.report["blessed"]["removed"], read_bytes(golden_path(folder))), (1, b"".join(lines)), "removed")
